use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(crate = "typed sse")]
enum Event {
    Ping,
}

fn main() {}
