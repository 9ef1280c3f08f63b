use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename_all = "lowercase")]
#[sse(data = self)]
enum Event {
    #[sse(event = "empty")]
    #[serde(rename = "")]
    Empty,
    #[sse(event = "lines")]
    #[serde(rename = "two\nlines")]
    Lines,
    Ping,
    #[serde(rename = "pong")]
    Again,
}

fn main() {}
