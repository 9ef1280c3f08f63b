use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping { #[sse(id)] seq: u64 },
}

fn main() {}
