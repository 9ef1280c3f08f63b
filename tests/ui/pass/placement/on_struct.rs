use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Order {
    #[sse(id, key)]
    seq: u64,
}

#[derive(SseEvent)]
#[sse(transparent)]
struct Unknown(typed_sse::Event);

#[derive(SseEvent)]
enum Event {
    Placed { #[sse(id)] seq: u64 },
}

fn main() {}
