use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(event = "ping")]
struct Ping;

fn main() {}
