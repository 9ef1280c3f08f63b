use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "camelCase")]
enum Event {
    Ping,
}

#[derive(SseEvent)]
#[sse(event = "other")]
struct Pong {
    x: u8,
}

fn main() {}
