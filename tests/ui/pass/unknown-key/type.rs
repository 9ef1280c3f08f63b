use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case", prefix = "a.")]
enum Event {
    Ping,
}

fn main() {}
