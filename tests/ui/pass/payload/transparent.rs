use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Inner;

#[derive(SseEvent)]
#[sse(event = "x", ephemeral)]
struct X;

#[derive(SseEvent)]
enum Event {
    Nothing,
    #[sse(transparent)]
    More(X),
    #[sse(transparent)]
    Field { a: Inner },
    #[sse(other)]
    Unknown(typed_sse::Event),
}

fn main() {}
