use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(retry = 3000)]
    Ping { after: u64 },
}

fn main() {}
