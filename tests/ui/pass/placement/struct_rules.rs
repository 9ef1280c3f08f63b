use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(transparent)]
struct One(Inner);

#[derive(SseEvent)]
#[sse(text = "x")]
struct Nothing;

#[derive(SseEvent)]
#[sse(tombstone)]
struct Removed {
    #[sse(key)]
    symbol: String,
}

#[derive(SseEvent)]
struct Pair(#[sse(data)] u8, u8);

#[derive(SseEvent, serde::Serialize)]
struct Itself(Option<Box<Self>>);

#[derive(SseEvent)]
struct Inner;

fn main() {}
