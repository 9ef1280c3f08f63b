use typed_sse::{FromSseEvent, SseEvent};

#[derive(serde::Serialize, SseEvent, FromSseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Market {
    Opened { day: u8 },
    Closed,
}

fn main() {}
