use typed_sse::{EventType, SseEvent};

#[derive(SseEvent)]
enum Event {
    Ping,
    Custom(#[sse(event)] EventType, u8),
}

#[derive(SseEvent)]
struct Stored {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: Event,
}

/// A client that has to know all of them.
const _: () = assert!(!Stored::EVENTS.is_open(), "an event type comes from a value");

fn main() {}
