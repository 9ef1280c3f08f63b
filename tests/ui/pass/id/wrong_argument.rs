use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Closure { #[sse(id = |seq: &u64| seq + 1)] seq: u64 },
    Path { #[sse(key = String::len)] seq: String },
    Value { #[sse(id = |seq| seq.count_ones())] seq: u64 },
}

fn main() {}
