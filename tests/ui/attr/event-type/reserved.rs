use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Error(String),
}

#[derive(SseEvent)]
struct Open;

fn main() {}
