use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename_all = "lowercase")]
#[sse(data = self)]
enum Tagged {
    #[sse(event = "open")]
    Open,
    #[serde(rename = "error")]
    Error { message: String },
}

#[derive(Serialize, SseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Prefixed {
    #[serde(rename = "error")]
    Failed,
}

fn main() {}
