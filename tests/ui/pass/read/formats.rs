use std::time::Duration;

use typed_sse::{EventType, FromSseEvent, SseEvent};

struct Word(String);

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[derive(SseEvent, FromSseEvent)]
enum Market {
    #[sse(text)]
    Note(Word),
    #[sse(base64)]
    Audio(Vec<u8>),
    Closing { #[sse(retry)] back_in: Duration },
    Custom { #[sse(event)] kind: EventType, value: u8 },
}

fn main() {}
