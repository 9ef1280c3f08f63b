use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(crate = "typed_sse")]
struct Empty;

#[derive(SseEvent)]
#[sse(crate = "::typed_sse")]
struct Hyphen;

#[derive(SseEvent)]
struct Generic;

#[derive(SseEvent)]
#[sse(crate = "crate::facade")]
struct List;

use typed_sse as facade;

fn main() {}
