use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case")]
enum Event {
    #[sse(event = "x")]
    Ping,
    ByRule,
}

fn main() {}
