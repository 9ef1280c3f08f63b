use typed_sse::SseEvent;

const PING: &str = "ping";

#[derive(SseEvent)]
enum Event {
    Ping,
    Pong,
    #[sse(event = PING)]
    Again,
}

fn main() {}
