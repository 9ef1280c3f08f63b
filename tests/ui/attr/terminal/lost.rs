use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Market {
    #[sse(ephemeral, terminal)]
    Closed,
    #[sse(terminal)]
    Halted { #[sse(id, or_ephemeral)] seq: Option<u8> },
    #[sse(skip, terminal)]
    Skipped,
    #[sse(transparent, terminal)]
    Inner(Inner),
}

#[derive(SseEvent)]
struct Inner;

fn main() {}
