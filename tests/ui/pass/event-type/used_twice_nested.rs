use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(prefix = "inner.")]
enum Inner {
    Ping,
}

#[derive(SseEvent)]
enum Event {
    Ping,
    #[sse(transparent)]
    Inner(Inner),
}

fn main() {}
