use typed_sse::{EventType, SseEvent};

const NUMBER: u8 = 5;
const TYPED: EventType = EventType::from_static("typed");

#[derive(SseEvent)]
enum Event {
    #[sse(event = NUMBER)]
    Number,
    #[sse(event = TYPED)]
    Typed,
    #[sse(event = format!("a"))]
    Formatted,
    #[sse(event = names::MISSING)]
    Missing,
}

mod names {}

fn main() {}
