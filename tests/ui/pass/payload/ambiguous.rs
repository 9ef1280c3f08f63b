use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Moved { from: u8, to: u8 },
    Id(#[sse(id)] u64, #[sse(data)] String),
}

fn main() {}
