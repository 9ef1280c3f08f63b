use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = 5)]
    A,
    #[sse(text = concat!("a", "b"))]
    C,
    #[sse(event = "d" "e")]
    D,
}

fn main() {}
