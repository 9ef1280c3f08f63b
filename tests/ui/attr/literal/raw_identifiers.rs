use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(r#evnt = "x")]
    A,
    #[sse(r#type = "x")]
    B,
    #[sse(crate)]
    C,
    #[sse(self)]
    D,
    #[sse(_)]
    E,
    #[sse("event" = "f")]
    F,
    #[sse(event: "g")]
    G,
}

fn main() {}
