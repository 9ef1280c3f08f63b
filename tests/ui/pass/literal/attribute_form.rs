use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A,
    #[sse(event = "b")]
    B,
    #[sse(event = "c")]
    C,
    #[sse(retry = 5, event = "d")]
    D,
}

fn main() {}
