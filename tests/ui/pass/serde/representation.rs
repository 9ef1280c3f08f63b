use serde::{Deserialize, Serialize};
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[serde(rename_all = "camelCase", tag = "type", content = "data")]
#[sse(data = self)]
enum Event {
    #[serde(rename = "noise")]
    Pong(u8, u8),
    #[serde(untagged)]
    Ping,
}

#[derive(SseEvent)]
#[sse(event = "other")]
struct Pong {
    x: u8,
}

#[derive(Clone, Serialize, SseEvent)]
#[serde(into = "u8")]
#[sse(data = self)]
struct Converted(u8, u8);

impl From<Converted> for u8 {
    fn from(Converted(a, b): Converted) -> u8 {
        a + b
    }
}

/// Only for reading.
#[derive(Deserialize, SseEvent)]
#[serde(tag = "type")]
#[sse(data = fields)]
enum OneVariant {
    #[serde(rename = "in")]
    Ping,
}

fn main() {}
