use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(event = "message", untagged)]
enum Chat {
    Chunk(u8),
    Failed(String),
}

#[derive(SseEvent)]
enum Event {
    #[sse(event = "message")]
    Note,
    #[sse(transparent)]
    Chat(Chat),
}

fn main() {}
