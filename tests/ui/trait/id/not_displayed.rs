use typed_sse::SseEvent;

struct Sequence(u64);

#[derive(SseEvent)]
enum Event {
    Own { #[sse(id, skip)] seq: Sequence },
    Key { #[sse(key)] keys: Vec<u8> },
    Projected { #[sse(id = |seq| seq)] seq: Option<u64> },
}

fn main() {}
