use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Skipped(String),
    #[sse(base64)]
    NotSent { #[sse(retry)] after: std::time::Duration, bytes: Vec<u8> },
}

fn main() {}
