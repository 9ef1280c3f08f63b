use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[sse(prefix = "a.", data = self)]
enum Event {
    #[sse(event = "ping")]
    Ping { #[sse(id)] seq: u64 },
    Pong,
}

fn main() {}
