use typed_sse::SseEvent;

#[sse(rename_all = "kebab-case")]
enum Event {
    #[sse(event = "x")]
    Ping,
}

fn main() {}
