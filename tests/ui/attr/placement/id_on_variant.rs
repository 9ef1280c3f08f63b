use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(id)]
    Ping { seq: u64 },
}

fn main() {}
