use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse]
    A,
    #[sse = "b"]
    B,
    #[sse("c")]
    C,
    #[sse(5, event = "d", = 6)]
    D,
}

fn main() {}
