use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = b"a")]
    A,
    #[sse(event = c"b")]
    B,
    #[sse(event = 'c')]
    C,
    #[sse(event = "d"suffix)]
    D,
}

fn main() {}
