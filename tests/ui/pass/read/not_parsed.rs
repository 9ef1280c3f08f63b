use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use typed_sse::{FromSseEvent, SseEvent};

struct Seq(u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seq {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

#[derive(SseEvent, FromSseEvent)]
struct Opened {
    #[sse(id, skip)]
    seq: Seq,
}

fn main() {}
