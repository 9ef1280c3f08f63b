use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(ephemeral)]
    Typing { seq: u64 },
}

fn main() {}
