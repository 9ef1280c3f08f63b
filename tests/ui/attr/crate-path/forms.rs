use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(crate = "")]
struct Empty;

#[derive(SseEvent)]
#[sse(crate = "typed-sse")]
struct Hyphen;

#[derive(SseEvent)]
#[sse(crate = "typed_sse::<u8>")]
struct Generic;

#[derive(SseEvent)]
#[sse(crate("typed_sse"))]
struct List;

fn main() {}
