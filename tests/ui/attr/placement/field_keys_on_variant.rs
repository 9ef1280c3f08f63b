use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(key, data)]
    Ping { seq: u64 },
}

fn main() {}
