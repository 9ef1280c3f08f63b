use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping { #[sse(event = "ping")] seq: u64 },
}

fn main() {}
