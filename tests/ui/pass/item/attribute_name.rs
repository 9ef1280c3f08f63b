use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case")]
enum Event {
    #[sse(event = "x")]
    Ping,
    #[sse(event = "y")]
    Pong {
        #[sse(id)]
        seq: u64,
    },
    ByRule,
}

fn main() {}
