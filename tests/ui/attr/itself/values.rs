use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[sse(data = "self")]
enum Quoted {
    Ping,
}

#[derive(Serialize, SseEvent)]
#[sse(data)]
struct Bare;

#[derive(Serialize, SseEvent)]
#[sse(data = this, data(self))]
struct Misspelt;

#[derive(Serialize, SseEvent)]
#[sse(data = self, data = fields)]
enum Twice {
    #[sse(data = self)]
    Ping { #[sse(data = self)] seq: u64 },
}

fn main() {}
