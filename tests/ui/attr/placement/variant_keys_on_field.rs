use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Log(#[sse(text)] String),
    Audio { #[sse(base64)] samples: Vec<u8> },
    Typing(#[sse(ephemeral, tombstone)] u8),
}

fn main() {}
