use typed_sse::SseEvent;

#[derive(SseEvent)]
#[serde(tag = "type", content = "data", rename_all = "camelCase")]
enum Event {
    #[serde(untagged)]
    Ping,
}

#[derive(SseEvent)]
#[serde(untagged, rename = "other")]
struct Pong {
    x: u8,
}

fn main() {}
