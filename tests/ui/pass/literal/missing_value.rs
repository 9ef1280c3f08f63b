use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "a")]
    A,
    #[sse(event = "b")]
    B,
    #[sse(retry = 1)]
    C,
    #[sse(event = "d")]
    D,
}

fn main() {}
