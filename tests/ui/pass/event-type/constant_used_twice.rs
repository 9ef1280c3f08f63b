use typed_sse::SseEvent;

const AGAIN: &str = "again";

#[derive(SseEvent)]
enum Event {
    Ping,
    Pong,
    #[sse(event = AGAIN)]
    Again,
}

fn main() {}
