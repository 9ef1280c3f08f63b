use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "a")]
    A,
    #[sse(ephemeral)]
    B,
    C(#[sse(skip)] u8),
}

fn main() {}
