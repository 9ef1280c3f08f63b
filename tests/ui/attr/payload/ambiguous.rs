use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Moved(u8, u8),
    Id(#[sse(id)] u64, String),
}

fn main() {}
