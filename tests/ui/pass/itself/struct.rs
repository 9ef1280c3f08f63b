use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
struct Token(String);

#[derive(Serialize, SseEvent)]
#[sse(base64)]
struct Audio(Vec<u8>);

#[derive(Serialize, SseEvent)]
#[sse(transparent)]
struct Wrapper(Token);

#[derive(Serialize, SseEvent)]
struct Stored {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: Token,
}

fn main() {}
