use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(ephemeral, retry = 3000)]
    Ping,
}

fn main() {}
