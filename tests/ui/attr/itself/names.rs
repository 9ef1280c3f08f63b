use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename_all = "lowercase")]
#[sse(data = self)]
enum Event {
    #[serde(rename = "")]
    Empty,
    #[serde(rename = "two\nlines")]
    Lines,
    Ping,
    #[serde(rename = "ping")]
    Again,
}

fn main() {}
