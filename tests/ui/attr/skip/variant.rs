use serde::Serialize;
use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping,
    #[sse(skip, event = "internal", retry = 3000)]
    Internal { #[sse(id)] seq: u64 },
    #[sse(skip = true)]
    Other,
}

#[derive(SseEvent)]
enum Nothing {
    #[sse(skip)]
    Internal,
}

#[derive(SseEvent)]
#[sse(skip)]
struct Never;

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
enum Whole {
    Ping,
    #[serde(skip_serializing)]
    #[sse(ephemeral)]
    Internal,
}

fn main() {}
