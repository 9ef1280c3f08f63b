use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Closing { #[sse(retry)] after: Option<u64> },
    Closed(#[sse(retry)] &'static str),
}

fn main() {}
