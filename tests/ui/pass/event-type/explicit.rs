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

#[derive(SseEvent)]
#[sse(explicit, event = "message", untagged)]
enum None {
    A,
    B(u8),
}

fn main() {}
