use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(skip, other)]
    Internal(typed_sse::Event),
    Ping,
}

fn main() {}
