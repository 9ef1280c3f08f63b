use typed_sse::SseEvent;

struct Sequence(u64);

impl std::fmt::Display for Sequence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

#[derive(SseEvent)]
enum Event {
    Own { #[sse(id, skip)] seq: Sequence },
    Key { #[sse(key = |keys| keys[0])] keys: Vec<u8> },
    Projected { #[sse(id = |seq| seq.unwrap_or_default())] seq: Option<u64> },
}

fn main() {}
