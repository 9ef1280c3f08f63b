use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename_all = "lowercase")]
#[sse(data = self)]
enum Tagged {
    Open,
    Error { message: String },
}

#[derive(Serialize, SseEvent)]
#[serde(tag = "type")]
#[sse(data = self, prefix = "er")]
enum Prefixed {
    #[serde(rename = "ror")]
    Failed,
}

fn main() {}
