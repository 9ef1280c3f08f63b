use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(transparent)]
struct Two(Inner, Inner);

#[derive(SseEvent)]
#[sse(text, base64)]
struct Nothing;

#[derive(SseEvent)]
#[sse(tombstone)]
struct Removed {
    symbol: String,
}

#[derive(SseEvent)]
struct Pair(u8, u8);

#[derive(SseEvent)]
#[sse(transparent)]
struct Itself(Box<Self>);

#[derive(SseEvent)]
struct Inner;

fn main() {}
