use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Shared(std::sync::Arc<str>),
    Letter(char),
    #[sse(text)]
    Path(Box<str>),
    #[sse(text)]
    Seq { #[sse(id)] seq: String },
}

fn main() {}
