use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(event = "message", untagged)]
enum Event {
    Chunk(u8),
    #[sse(text = "[DONE]")]
    Done,
    #[sse(text = "[END]")]
    End,
}

fn main() {}
