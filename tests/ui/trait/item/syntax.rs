use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping
    Pong,
}

fn main() {}
