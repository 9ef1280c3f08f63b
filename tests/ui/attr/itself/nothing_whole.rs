use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Inner;

#[derive(SseEvent)]
#[sse(data = self)]
enum Event {
    #[sse(text)]
    Token(String),
    #[sse(text = "[DONE]")]
    Done,
    #[sse(transparent)]
    Inner(Inner),
    #[serde(skip)]
    Internal,
}

fn main() {}
