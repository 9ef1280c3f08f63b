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

#[derive(SseEvent)]
#[sse(explicit)]
enum None {
    A,
    B(u8),
}

fn main() {}
