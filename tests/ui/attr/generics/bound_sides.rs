use typed_sse::{FromSseEvent, SseEvent};

#[derive(SseEvent, FromSseEvent)]
#[sse(bound(serialize = "T: Clone", read = "T: Clone"))]
struct Words<T>(T);

#[derive(SseEvent, FromSseEvent)]
#[sse(bound(serialize = 5))]
struct Literal<T>(T);

#[derive(SseEvent, FromSseEvent)]
#[sse(bound(deserialize = "T Clone"))]
struct Bounds<T>(T);

#[derive(SseEvent, FromSseEvent)]
#[sse(bound = "U: Clone")]
struct Parameter<T>(T);

fn main() {}
