use typed_sse::SseEvent;

#[derive(SseEvent)]
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
