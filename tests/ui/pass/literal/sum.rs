use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = concat!("a", "b"))]
    Two,
    #[sse(event = concat!("a", "b", "c"), ephemeral)]
    Three,
}

fn main() {}
