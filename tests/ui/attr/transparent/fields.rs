use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Inner;

#[derive(SseEvent)]
enum Event {
    #[sse(transparent)]
    Two(Inner, Inner),
    #[sse(transparent)]
    Named { seq: u64, event: Inner },
}

fn main() {}
