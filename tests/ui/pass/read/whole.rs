use typed_sse::{FromSseEvent, SseEvent};

#[derive(serde::Serialize, serde::Deserialize, SseEvent, FromSseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Market {
    Opened { day: u8 },
    Closed,
}

fn main() {}
