use std::fmt;

use typed_sse::{FromSseEvent, SseEvent};

struct Seq(u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(SseEvent, FromSseEvent)]
struct Opened {
    #[sse(id, skip)]
    seq: Seq,
}

fn main() {}
