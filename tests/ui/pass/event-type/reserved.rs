use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "failure")]
    Error(String),
}

#[derive(SseEvent)]
#[sse(prefix = "door.")]
struct Open;

fn main() {}
