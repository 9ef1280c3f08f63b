use typed_sse::SseEvent;

#[derive(SseEvent)]
#[serde(prefix = "a.")]
enum Event {
    #[serde(event = "ping")]
    Ping { #[serde(id)] seq: u64 },
}

fn main() {}
