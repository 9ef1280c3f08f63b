use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Inner {
    seq: u64,
}

#[derive(SseEvent)]
enum Event {
    Lost { #[sse(id)] seq: u64, at: u64, #[sse(transparent)] event: Inner },
    Two(#[sse(transparent)] Inner, #[sse(transparent)] Inner),
    #[sse(event = "named", ephemeral)]
    Named { #[sse(transparent)] event: Inner },
    Inside { #[sse(transparent, id = |inner| inner.seq)] event: Inner },
    Data(#[sse(data)] u64, #[sse(transparent)] Inner),
    #[sse(transparent)]
    Twice(#[sse(transparent)] Inner),
}

fn main() {}
