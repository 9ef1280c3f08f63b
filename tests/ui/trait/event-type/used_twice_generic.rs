use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event<T> {
    Ping,
    #[sse(transparent)]
    Inner(T),
}

#[derive(SseEvent)]
struct Ping;

const EVENTS: usize = Event::<Ping>::EVENTS.len();

fn main() {}
