use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(explicit)]
    Ping,
    #[sse(event = "pong", explicit)]
    Pong,
    #[sse(event = "message", explicit = true)]
    Note,
}

#[derive(SseEvent)]
#[sse(explicit, transparent)]
struct Wrapper(Event);

fn main() {}
