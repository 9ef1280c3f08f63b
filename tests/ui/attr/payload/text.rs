use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Nothing,
    #[sse(text)]
    Two { a: String, b: String },
    #[sse(text = "[DONE]")]
    Fixed { a: String },
    #[sse(base64)]
    NoBytes,
    #[sse(base64, text)]
    Both(String),
    #[sse(text)]
    Id(#[sse(id)] u64, String),
}

fn main() {}
