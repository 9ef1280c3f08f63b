use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
enum Quoted {
    Ping,
}

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
struct Bare;

#[derive(Serialize, SseEvent)]
#[sse(data = fields)]
struct Misspelt;

#[derive(Serialize, SseEvent)]
enum Twice {
    Ping { #[sse(data)] seq: u64 },
}

fn main() {}
