use typed_sse::SseEvent;

#[derive(SseEvent)]
#[serde(prefix = "a.", data = self)]
enum Event {
    #[serde(event = "ping")]
    Ping { #[serde(id)] seq: u64 },
    Pong,
}

fn main() {}
