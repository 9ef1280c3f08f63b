use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping,
    #[sse(event = "pong")]
    Pong,
    #[sse(event = "message", explicit)]
    Note,
}

#[derive(SseEvent)]
#[sse(transparent)]
struct Wrapper(Event);

fn main() {}
