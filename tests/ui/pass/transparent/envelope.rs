use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Inner {
    #[sse(id)]
    seq: u64,
}

#[derive(SseEvent)]
#[sse(untagged)]
enum Event {
    Lost { #[sse(id)] seq: u64, #[sse(skip)] at: u64, #[sse(transparent)] event: Inner },
    Two(#[sse(transparent)] Inner, #[sse(skip)] Inner),
    Named { #[sse(transparent)] event: Inner },
    Inside { #[sse(transparent)] event: Inner },
    Data(#[sse(key)] u64, #[sse(transparent)] Inner),
    #[sse(transparent)]
    Twice(Inner),
}

fn main() {}
