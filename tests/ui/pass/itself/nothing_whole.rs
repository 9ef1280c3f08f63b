use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Inner;

#[derive(SseEvent)]
#[sse(data = fields)]
enum Event {
    #[sse(text)]
    Token(String),
    #[sse(text = "[DONE]")]
    Done,
    #[sse(transparent)]
    Inner(Inner),
    #[sse(skip)]
    Internal,
}

fn main() {}
