use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Log(Vec<u8>),
    #[sse(base64)]
    Bytes { bytes: std::collections::VecDeque<u8> },
}

fn main() {}
