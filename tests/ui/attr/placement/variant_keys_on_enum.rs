use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(ephemeral, retry = 3000)]
enum Event {
    Ping,
}

fn main() {}
