use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(event = "message", explicit, prefix = "a.", data = self)]
enum Event {}

fn main() {}
