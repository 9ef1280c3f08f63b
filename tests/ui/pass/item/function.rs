use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Event;

fn main() {}
