use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = 5)]
    A,
    #[sse(event = a::b, retry = 1)]
    B,
    #[sse(text = concat!("a", "b"))]
    C,
    #[sse(event = "d" "e")]
    D,
}

fn main() {}
