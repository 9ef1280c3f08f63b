use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(untagged = true)]
enum Event {
    #[sse(untagged)]
    Ping,
}

#[derive(SseEvent)]
#[sse(untagged)]
struct Pong;

#[derive(SseEvent)]
#[sse(event = "message")]
enum Message {
    Ping,
    Pong,
}

fn main() {}
