use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Closing { #[sse(retry)] after: std::time::Duration },
}

fn main() {}
