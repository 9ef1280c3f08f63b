use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(event = "message", explicit)]
enum Event {
    Ping,
}

fn main() {}
