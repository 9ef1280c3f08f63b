use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Event {
    a: u8,
    b: i8,
}

fn main() {}
