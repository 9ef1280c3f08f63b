use serde::Serialize;
use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "failure")]
    Error(String),
}

#[derive(SseEvent)]
#[sse(prefix = "door.")]
struct Open;

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename_all = "lowercase")]
#[sse(data = self)]
enum Tagged {
    #[sse(event = "open")]
    Open,
    #[sse(event = "error")]
    #[serde(rename = "error")]
    Failed,
}

fn main() {}
