use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(ephemeral)]
    Typing { #[sse(id)] seq: u64 },
}

fn main() {}
