use typed_sse::{EventType, SseEvent};

#[derive(SseEvent)]
enum Event {
    Both { #[sse(event)] kind: EventType },
    Two(#[sse(event)] EventType, u8),
    Data { #[sse(event)] kind: EventType, #[sse(data)] data: u8 },
}

fn main() {}
