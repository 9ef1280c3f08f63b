use typed_sse::{EventType, SseEvent};

#[derive(SseEvent)]
struct Inner;

#[derive(SseEvent)]
#[sse(ephemeral)]
struct Ephemeral {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: Inner,
}

#[derive(SseEvent)]
#[sse(tombstone)]
struct Tombstone {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: Inner,
}

#[derive(SseEvent)]
#[sse(event = "x")]
struct Named {
    #[sse(event)]
    kind: EventType,
    #[sse(transparent)]
    event: Inner,
}

#[derive(SseEvent)]
struct Skipped {
    #[sse(id, skip)]
    seq: u64,
    #[sse(transparent, skip)]
    event: Inner,
}

fn main() {}
