use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Moved(#[sse(skip)] u8, #[sse(data)] u8),
}

fn main() {}
