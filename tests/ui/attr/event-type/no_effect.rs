use typed_sse::{EventType, SseEvent};

#[derive(SseEvent)]
struct Inner;

#[derive(SseEvent)]
#[sse(prefix = "a.", rename_all = "camelCase")]
struct Envelope {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: Inner,
}

#[derive(SseEvent)]
#[sse(transparent, prefix = "a.")]
struct Wrapper(Inner);

#[derive(SseEvent)]
#[sse(event = "named", rename_all = "camelCase", prefix = "a.")]
struct Named;

#[derive(SseEvent)]
#[sse(prefix = "a.")]
struct OfField(#[sse(event)] EventType);

#[derive(SseEvent)]
#[sse(event = "message", untagged, prefix = "a.", rename_all = "camelCase")]
enum Messages {
    Ping,
    #[sse(event = "pong")]
    Pong,
}

#[derive(SseEvent)]
#[sse(event = "message", prefix = "a.")]
enum AllNested {
    #[sse(transparent)]
    Inner(Inner),
    #[sse(other)]
    Unknown(typed_sse::Event),
}

#[derive(SseEvent)]
#[sse(event = "message", rename_all = "camelCase")]
enum AllNamed {
    #[sse(event = "ping")]
    Ping,
    Custom(#[sse(event)] EventType, u8),
    #[sse(transparent)]
    Inner(Inner),
    #[sse(skip)]
    Internal,
}

fn main() {}
