use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping,
}

fn main() {}
