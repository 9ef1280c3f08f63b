use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", content = "data", rename_all_fields = "camelCase")]
#[sse(data = self, rename_all = "camelCase")]
enum Event {
    Ping { last_seen: u64 },
}

#[derive(Serialize, SseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
struct Pong {
    at: u64,
}

fn main() {}
