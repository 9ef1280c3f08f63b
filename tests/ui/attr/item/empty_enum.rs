use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {}

fn main() {}
