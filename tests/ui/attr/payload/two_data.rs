use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Moved(#[sse(data)] u8, #[sse(data)] u8),
}

fn main() {}
