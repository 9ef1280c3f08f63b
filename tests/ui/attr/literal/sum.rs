use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "a" + "b")]
    Two,
    #[sse(event = "a" + "b" + "c", ephemeral)]
    Three,
}

fn main() {}
