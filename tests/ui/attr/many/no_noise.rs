use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "")]
    Error,
    #[sse(event = 5)]
    Ping,
    #[sse(event = "ping")]
    Pong,
    #[sse(tombstone)]
    Gone(#[sse(key = "k")] u64),
    Skipped(#[sse(skip = true)] u8, u8),
    Retry(#[sse(retry = 3000)] std::time::Duration, u8),
    #[sse(transparent = true)]
    Inner(Inner),
}

#[derive(SseEvent)]
#[sse(evnt = "inner")]
struct Inner;

fn main() {}
