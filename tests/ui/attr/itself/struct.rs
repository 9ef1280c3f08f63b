use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[sse(data = self, text)]
struct Token(String);

#[derive(Serialize, SseEvent)]
#[sse(base64, data = self)]
struct Audio(Vec<u8>);

#[derive(Serialize, SseEvent)]
#[sse(transparent, data = self)]
struct Wrapper(Token);

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
struct Stored {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: Token,
}

fn main() {}
