use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Inner;

#[derive(SseEvent)]
enum Event {
    #[sse(transparent)]
    Inner(Inner),
}

fn main() {}
