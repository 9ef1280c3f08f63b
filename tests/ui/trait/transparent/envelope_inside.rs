use typed_sse::SseEvent;

struct NoEvent;

#[derive(SseEvent)]
struct Stored {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: NoEvent,
}

fn main() {}
