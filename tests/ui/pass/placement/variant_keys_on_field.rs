use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Log(String),
    #[sse(base64)]
    Audio { samples: Vec<u8> },
    #[sse(ephemeral)]
    Typing(u8),
}

fn main() {}
