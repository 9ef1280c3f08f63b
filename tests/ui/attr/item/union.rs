use typed_sse::SseEvent;

#[derive(SseEvent)]
union Event {
    a: u8,
    b: i8,
}

fn main() {}
