use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping,
    #[sse(other)]
    Unknown(typed_sse::Event),
    #[sse(other)]
    More,
}

fn main() {}
