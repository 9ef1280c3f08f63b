use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Text(String),
    #[sse(transparent)]
    Maybe(Box<Inner>),
    Json { json: serde_json::Value },
    #[sse(other)]
    Unknown(typed_sse::Event),
}

#[derive(SseEvent)]
struct Inner;

fn main() {}
