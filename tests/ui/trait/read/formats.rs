use std::num::NonZeroU8;

use typed_sse::{FromSseEvent, SseEvent};

struct Word(String);

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<[u8]> for Word {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[derive(SseEvent, FromSseEvent)]
enum Market {
    #[sse(text)]
    Note(Word),
    #[sse(base64)]
    Audio(Word),
    Closing { #[sse(retry)] back_in: NonZeroU8 },
    Custom { #[sse(event)] kind: String, value: u8 },
}

fn main() {}
