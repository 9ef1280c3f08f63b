use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(id = "seq", key, data, skip)]
struct Order {
    seq: u64,
}

#[derive(SseEvent)]
#[sse(other)]
struct Unknown(typed_sse::Event);

#[derive(SseEvent)]
#[sse(id)]
enum Event {
    Placed { seq: u64 },
}

fn main() {}
