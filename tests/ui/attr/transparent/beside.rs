use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Inner;

#[derive(SseEvent)]
enum Event {
    #[sse(transparent, event = "x")]
    Named(Inner),
    #[sse(retry = 1, text, transparent)]
    Retry { #[sse(id, key)] inner: Inner },
}

fn main() {}
