use typed_sse::SseEvent;

#[derive(SseEvent, SseEvent)]
enum Event {
    Ping,
}

fn main() {}
