use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping { #[sse(retry = 3000)] after: u64 },
}

fn main() {}
