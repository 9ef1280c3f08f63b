use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(renameAll = "kebab-case", PREFIX = "a.")]
enum Event {
    #[sse(event_type = "ping", Retry = 1)]
    Ping { #[sse(ID)] seq: u64 },
    #[sse(epheremal)]
    Pong,
    #[sse(default)]
    Unknown,
}

fn main() {}
