use typed_sse::SseEvent;

#[derive(SseEvent)]
fn event() {}

fn main() {}
