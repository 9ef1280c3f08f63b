use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "")]
    Chunk(String),
}

fn main() {}
