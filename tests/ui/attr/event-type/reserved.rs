use serde::Serialize;
use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Error(String),
}

#[derive(SseEvent)]
struct Open;

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename_all = "lowercase")]
#[sse(data = self)]
enum Tagged {
    Open,
    #[serde(rename = "error")]
    Failed,
}

fn main() {}
