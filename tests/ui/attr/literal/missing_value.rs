use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event)]
    A,
    #[sse(event = )]
    B,
    #[sse(retry)]
    C,
    #[sse(event("d"))]
    D,
}

fn main() {}
