use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[serde(rename = "pong")]
    Ping,
    #[serde(skip)]
    Internal,
    #[serde(with = "module")]
    With { a: u8 },
}

fn main() {}
