use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping { #[sse(key, data)] seq: u64 },
}

fn main() {}
