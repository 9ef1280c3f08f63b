use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping,
    #[sse(event = "pong")]
    Pong,
    #[sse(event = "message")]
    Chunk(u8),
    #[sse(event = "message", text = "[DONE]")]
    Done,
    #[sse(event = "message", text = "[END]")]
    End,
}

fn main() {}
