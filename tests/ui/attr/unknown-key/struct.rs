use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(evnt = "ping", other, id)]
struct Ping;

fn main() {}
