use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "a", event = "b")]
    A,
    #[sse(ephemeral)]
    #[sse(ephemeral)]
    B,
    C(#[sse(skip, skip)] u8),
}

fn main() {}
