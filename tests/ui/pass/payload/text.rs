use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text = "")]
    Nothing,
    #[sse(text)]
    Two { #[sse(data)] a: String, b: String },
    #[sse(text = "[DONE]")]
    Fixed { #[sse(skip)] a: String },
    #[sse(base64)]
    NoBytes(Vec<u8>),
    #[sse(text)]
    Both(String),
    #[sse(text)]
    Id(#[sse(id, skip)] u64, String),
}

fn main() {}
