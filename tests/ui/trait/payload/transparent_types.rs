use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(transparent)]
    Text(String),
    #[sse(transparent)]
    Maybe(Option<Inner>),
    #[sse(transparent)]
    Json { json: serde_json::Value },
    #[sse(other)]
    Unknown(Vec<u8>),
}

#[derive(SseEvent)]
struct Inner;

fn main() {}
