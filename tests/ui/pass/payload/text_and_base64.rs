use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(base64)]
    Log(Vec<u8>),
    #[sse(base64)]
    Bytes { bytes: Vec<u8> },
}

fn main() {}
