use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "ping")]
    Ping { seq: u64 },
}

fn main() {}
