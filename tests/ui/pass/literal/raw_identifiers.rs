use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(r#event = "x")]
    A,
    r#type,
    C,
    D,
    E,
    #[sse(event = "f2")]
    F,
    #[sse(event = "g2")]
    G,
}

fn main() {}
