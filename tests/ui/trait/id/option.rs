use typed_sse::SseEvent;

struct Sequence(u64);

#[derive(SseEvent)]
enum Event {
    Placed { #[sse(id, skip)] seq: Option<Sequence>, #[sse(key)] keys: Option<Vec<u8>> },
}

fn main() {}
