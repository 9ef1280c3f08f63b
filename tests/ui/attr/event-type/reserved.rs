use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Error(String),
    #[sse(event = "open")]
    Opened,
}

#[derive(SseEvent)]
struct Open;

fn main() {}
