use serde::{Deserialize, Deserializer};
use typed_sse::FromSseEvent;

fn right<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    u8::deserialize(deserializer)
}

fn some() -> u8 {
    1
}

#[derive(FromSseEvent)]
enum Market {
    Opened { #[serde(deserialize_with = "right")] day: u8 },
    Closed { #[serde(default = "some")] day: u8 },
    Halted { #[serde(default = "u8::default")] day: u8 },
}

fn main() {}
