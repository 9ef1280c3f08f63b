use typed_sse::{EventType, SseEvent};

#[derive(SseEvent)]
#[sse(ephemeral)]
struct Ephemeral {
    #[sse(key)]
    seq: u64,
}

#[derive(SseEvent)]
#[sse(tombstone)]
struct Tombstone {
    #[sse(key)]
    seq: u64,
}

#[derive(SseEvent)]
struct Named {
    #[sse(event)]
    kind: EventType,
}

#[derive(SseEvent)]
struct Skipped {
    #[sse(id, skip)]
    seq: u64,
    #[sse(transparent)]
    event: Tombstone,
}

fn main() {}
