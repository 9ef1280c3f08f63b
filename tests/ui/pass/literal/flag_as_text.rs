use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(transparent)]
    A(Inner),
    #[sse(tombstone)]
    B { #[sse(key)] x: u8 },
    C,
    #[sse(text)]
    D(String),
    #[sse(base64)]
    E(Vec<u8>),
    #[sse(other)]
    F,
}

#[derive(SseEvent)]
struct Inner;

fn main() {}
