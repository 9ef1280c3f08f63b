use typed_sse::SseEvent;

#[derive(SseEvent)]
#[serde(rename_all = "camelCase", tag = "type", content = "data")]
enum Event {
    #[serde(untagged)]
    Ping,
    #[serde(rename = "noise")]
    Pong(u8, u8),
    Placed { #[sse(id, skip)] seq: u64 },
}

#[derive(SseEvent)]
#[serde(untagged, rename = "other")]
struct Pong {
    x: u8,
}

#[derive(SseEvent)]
#[serde(into = "u8")]
struct Converted(u8, u8);

#[derive(SseEvent)]
#[serde(remote = "Converted")]
struct Remote(u8);

#[derive(SseEvent)]
enum OneVariant {
    #[serde(untagged)]
    Ping,
    #[serde(with = "module")]
    Pong(u8),
}

fn main() {}
