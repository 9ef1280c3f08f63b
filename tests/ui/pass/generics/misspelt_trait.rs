use typed_sse::SseEvent;

use serde::Serialize;

#[derive(SseEvent)]
#[sse(bound = "T: Serialize")]
struct Bound<T>(T);

#[derive(SseEvent)]
struct Where<T>(T)
where
    T: Serialize;

fn main() {}
