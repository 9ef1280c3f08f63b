use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Log { #[sse(id)] seq: u64, #[sse(data)] level: u8 },
    #[sse(text)]
    Maybe(Option<String>),
}

fn main() {}
