use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "message")]
    Chunk(String),
}

fn main() {}
