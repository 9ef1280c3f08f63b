use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event<T> {
    Ping,
    #[sse(transparent)]
    Inner(T),
}

#[derive(SseEvent)]
struct Pong;

const EVENTS: usize = Event::<Pong>::EVENTS.len();

fn main() {}
