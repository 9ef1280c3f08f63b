use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(tag = "type", content = "data", rename = "x", rename_all_fields = "camelCase")]
enum Event {
    Ping { last_seen: u64 },
}

#[derive(SseEvent)]
#[sse(tag = "type")]
struct Pong {
    at: u64,
}

fn main() {}
