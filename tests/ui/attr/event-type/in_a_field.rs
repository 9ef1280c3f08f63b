use typed_sse::{EventType, SseEvent};

#[derive(SseEvent)]
enum Event {
    #[sse(event = "custom")]
    Both { #[sse(event)] kind: EventType },
    Two(#[sse(event)] EventType, #[sse(event)] EventType),
    Data { #[sse(event, data)] kind: EventType },
}

fn main() {}
