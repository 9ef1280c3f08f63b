use typed_sse::{FromSseEvent, SseEvent};

#[derive(SseEvent, FromSseEvent)]
struct Inner;

#[derive(SseEvent, FromSseEvent)]
enum Market {
    #[sse(transparent)]
    Inner(Inner),
}

#[derive(SseEvent, FromSseEvent)]
struct Stored {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: Inner,
}

fn main() {}
