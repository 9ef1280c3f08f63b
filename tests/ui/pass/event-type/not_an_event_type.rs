use typed_sse::{EventType, SseEvent};

#[derive(SseEvent)]
enum Event {
    Custom { #[sse(event)] kind: EventType, data: u8 },
}

#[derive(SseEvent)]
#[sse(explicit)]
struct Maybe(#[sse(event)] EventType, u8);

fn main() {}
