use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Placed { #[sse(id)] seq: Option<u64>, #[sse(key)] keys: Option<String> },
}

fn main() {}
