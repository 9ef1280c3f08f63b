use typed_sse::SseEvent;

#[derive(SseEvent)]
struct AnEvent;

#[derive(SseEvent)]
struct Stored {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: AnEvent,
}

fn main() {}
