use typed_sse::{SseEvent, SseSchema};

#[derive(serde::Serialize, SseEvent, SseSchema)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Turn {
    Started { item: String },
    Ended,
}

fn main() {}
