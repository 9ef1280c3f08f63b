use typed_sse::SseEvent;

const EMPTY: &str = "";

#[derive(SseEvent)]
enum Event {
    Ping,
    #[sse(event = EMPTY)]
    Empty(String),
}

#[derive(SseEvent)]
#[sse(event = concat!("a", "\n", "b"))]
struct Lines;

fn main() {}
