use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Skipped(#[sse(skip)] String),
    #[sse(base64)]
    NotSent { #[sse(retry)] after: std::time::Duration },
}

fn main() {}
