use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse_event(rename_all = "kebab-case")]
enum Event {
    #[see(event = "x")]
    Ping,
    #[event = "x"]
    Pong {
        #[id]
        seq: u64,
    },
}

fn main() {}
