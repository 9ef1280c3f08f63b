use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(prefix = "a.")]
enum Event {
    #[sse(event = "ping")]
    Ping { #[sse(id)] seq: u64 },
}

fn main() {}
