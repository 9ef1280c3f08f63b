use typed_sse::SseEvent;

#[derive(SseEvent, serde::Serialize)]
struct Inner;

#[derive(SseEvent)]
enum Event {
    Leaf,
    Again(Box<Inner>),
}

fn main() {}
