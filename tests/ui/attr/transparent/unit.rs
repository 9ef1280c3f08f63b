use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(transparent)]
    Nothing,
}

fn main() {}
