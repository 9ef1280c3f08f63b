use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event "a")]
    A,
    #[sse(event == "b")]
    B,
    #[sse(event: "c")]
    C,
    #[sse(ephemeral retry = 1)]
    D,
    #[sse(event = "e",, ephemeral)]
    E,
    #[sse(sse::event = "f")]
    F,
}

fn main() {}
