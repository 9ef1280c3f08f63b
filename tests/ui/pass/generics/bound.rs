use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(bound = "T: serde::Serialize")]
struct One<T>(T);

#[derive(SseEvent)]
#[sse(bound = "T: serde::Serialize,")]
struct Two<T>(T);

fn main() {}
