use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(text)]
    Shared(std::sync::Arc<String>),
    #[sse(text)]
    Letter(char),
    #[sse(text)]
    Path(std::path::PathBuf),
    #[sse(text)]
    Seq { #[sse(id)] seq: u64 },
}

fn main() {}
