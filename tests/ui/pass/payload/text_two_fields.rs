use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Log { #[sse(skip)] level: String, #[sse(data)] line: String },
    #[sse(text)]
    Both(String, #[sse(skip)] String),
}

fn main() {}
