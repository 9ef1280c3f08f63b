use typed_sse::FromSseEvent;

fn wrong(text: &str) -> u8 {
    text.len() as u8
}

#[derive(FromSseEvent)]
enum Market {
    Opened { #[serde(deserialize_with = "wrong")] day: u8 },
    Closed { #[serde(default = "none")] day: u8 },
    Halted { #[serde(default = "String::new")] day: u8 },
}

fn main() {}
