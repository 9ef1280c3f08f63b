use typed_sse::{FromSseEvent, SseEvent};

struct Kept;

#[derive(SseEvent, FromSseEvent)]
enum Market {
    Opened { day: u8, #[sse(skip)] kept: Kept },
    Closed(#[sse(data)] u8, Kept),
}

fn main() {}
