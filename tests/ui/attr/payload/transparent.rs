use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Inner;

#[derive(SseEvent)]
enum Event {
    #[sse(transparent)]
    Nothing,
    #[sse(transparent)]
    Two(Inner, Inner),
    #[sse(transparent, event = "x", ephemeral)]
    More(Inner),
    #[sse(transparent)]
    Field { #[sse(skip)] a: Inner },
    #[sse(other)]
    Unknown { a: u8, b: u8 },
}

fn main() {}
