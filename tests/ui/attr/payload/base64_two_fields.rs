use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(base64)]
    Audio { left: Vec<u8>, right: Vec<u8> },
    #[sse(base64 = "url")]
    Video(Vec<u8>),
}

fn main() {}
