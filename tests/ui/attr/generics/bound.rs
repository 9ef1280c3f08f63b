use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(bound = "T Serialize")]
struct One<T>(T);

#[derive(SseEvent)]
#[sse(bound)]
struct Two<T>(T);

fn main() {}
