use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Closing { #[sse(retry)] after: u64 },
}

fn main() {}
