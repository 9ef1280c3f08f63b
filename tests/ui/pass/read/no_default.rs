use typed_sse::{FromSseEvent, SseEvent};

#[derive(Default)]
struct Kept;

#[derive(SseEvent, FromSseEvent)]
enum Market {
    Opened { day: u8, #[sse(skip)] kept: Option<Kept> },
    Closed(#[sse(data)] u8, Kept),
}

fn main() {}
