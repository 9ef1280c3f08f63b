use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Closure { #[sse(id = |seq: &str| seq.len())] seq: u64 },
    Path { #[sse(key = str::len)] seq: u64 },
    Value { #[sse(id = u64::count_ones)] seq: u64 },
}

fn main() {}
