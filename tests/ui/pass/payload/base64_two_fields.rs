use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(base64)]
    Audio { #[sse(data)] samples: Vec<u8>, #[sse(skip)] right: Vec<u8> },
    #[sse(base64)]
    Video(Vec<u8>),
}

fn main() {}
