use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "failure")]
    Error,
    #[sse(event = "5")]
    Ping,
    #[sse(event = "ping")]
    Pong,
    #[sse(tombstone)]
    Gone(#[sse(key)] u64),
    Skipped(#[sse(skip)] u8, u8),
    Retry(#[sse(retry)] std::time::Duration, u8),
    #[sse(transparent)]
    Inner(Inner),
}

#[derive(SseEvent)]
#[sse(event = "inner")]
struct Inner;

fn main() {}
