use typed_sse::SseEvent;

const NAME: &str = "name";

#[derive(SseEvent)]
enum Event {
    Ping,
    #[sse(event = NAME)]
    Empty(String),
}

#[derive(SseEvent)]
#[sse(event = concat!("a", "b"))]
struct Lines;

fn main() {}
