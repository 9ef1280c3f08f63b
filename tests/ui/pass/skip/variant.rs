use serde::Serialize;
use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping,
    #[sse(skip)]
    Internal { seq: u64 },
    #[sse(skip)]
    Other,
}

#[derive(SseEvent)]
enum Nothing {
    Ping,
    #[sse(skip)]
    Internal,
}

#[derive(SseEvent)]
struct Never;

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
enum Whole {
    Ping,
    #[serde(skip_serializing)]
    Internal,
}

fn main() {}
