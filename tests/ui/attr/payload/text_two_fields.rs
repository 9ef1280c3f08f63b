use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Log { level: String, line: String },
    #[sse(text)]
    Both(String, String),
}

fn main() {}
