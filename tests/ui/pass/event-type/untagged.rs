use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(untagged)]
enum Event {
    Ping,
}

#[derive(SseEvent)]
struct Pong;

#[derive(SseEvent)]
#[sse(event = "message", untagged)]
enum Message {
    Ping,
    Pong,
}

fn main() {}
