use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case", prefix = "a.")]
enum Event {
    #[sse(event = "ping", retry = 1)]
    Ping { #[sse(id)] seq: u64 },
    #[sse(ephemeral)]
    Pong,
    #[sse(other)]
    Unknown,
}

fn main() {}
