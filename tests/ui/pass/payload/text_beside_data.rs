use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Log { #[sse(id)] seq: u64, #[sse(data)] level: String },
    Maybe(Option<String>),
}

fn main() {}
