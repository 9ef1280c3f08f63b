use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping,
    Pong,
    #[sse(other)]
    Unknown(typed_sse::Event),
}

fn main() {}
