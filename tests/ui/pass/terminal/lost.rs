use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Market {
    #[sse(terminal)]
    Closed,
    #[sse(terminal)]
    Halted { #[sse(id)] seq: Option<u8> },
    #[sse(skip)]
    Skipped,
    #[sse(transparent)]
    Inner(Inner),
}

#[derive(SseEvent)]
#[sse(terminal)]
struct Inner;

fn main() {}
