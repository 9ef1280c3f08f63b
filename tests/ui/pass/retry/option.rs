use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Closing { #[sse(retry)] after: Option<std::time::Duration> },
    Closed(#[sse(retry)] std::time::Duration),
}

fn main() {}
