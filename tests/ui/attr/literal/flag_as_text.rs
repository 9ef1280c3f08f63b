use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(transparent = "true")]
    A(Inner),
    #[sse(tombstone(key = "x"))]
    B { #[sse(key)] x: u8 },
    #[sse(ephemeral = false)]
    C,
    #[sse(text = true)]
    D(String),
    #[sse(base64 = "standard")]
    E(Vec<u8>),
    #[sse(other = "Unknown")]
    F,
}

#[derive(SseEvent)]
struct Inner;

fn main() {}
