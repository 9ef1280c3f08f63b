use typed_sse::SseEvent;

struct NotAnEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(transparent)]
    Inner(NotAnEvent),
}

fn main() {}
