use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "pong")]
    Ping,
    With { #[sse(skip)] a: u8 },
}

fn main() {}
