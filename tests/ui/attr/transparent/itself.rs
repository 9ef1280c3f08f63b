use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Leaf,
    #[sse(transparent)]
    Again(Box<Self>),
}

fn main() {}
