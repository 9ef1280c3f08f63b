use typed_sse::{EventType, SseEvent};

#[derive(SseEvent)]
#[sse(prefix = "a.", rename_all = "camelCase")]
struct Inner;

#[derive(SseEvent)]
struct Envelope {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: Inner,
}

#[derive(SseEvent)]
#[sse(transparent)]
struct Wrapper(Inner);

#[derive(SseEvent)]
#[sse(event = "a.named")]
struct Named;

#[derive(SseEvent)]
struct OfField(#[sse(event)] EventType);

#[derive(SseEvent)]
#[sse(event = "message", untagged)]
enum Messages {
    Ping,
    #[sse(event = "pong")]
    Pong,
}

#[derive(SseEvent)]
enum AllNested {
    #[sse(transparent)]
    Inner(Inner),
    #[sse(other)]
    Unknown(typed_sse::Event),
}

#[derive(SseEvent)]
enum AllNamed {
    #[sse(event = "ping")]
    Ping,
    Custom(#[sse(event)] EventType, u8),
    #[sse(transparent)]
    Inner(Inner),
    #[sse(skip)]
    Internal,
}

#[derive(SseEvent)]
#[sse(prefix = "b.", rename_all = "camelCase")]
enum OneByRule {
    #[sse(event = "ping")]
    Ping,
    #[sse(transparent)]
    Inner(Inner),
    ByRule,
}

fn main() {}
