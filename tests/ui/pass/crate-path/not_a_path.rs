use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(crate = "typed_sse")]
enum Event {
    Ping,
}

fn main() {}
