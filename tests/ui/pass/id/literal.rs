use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Name { #[sse(id)] seq: u64 },
    Number { #[sse(id = |_| 5)] seq: u64 },
    Quoted { #[sse(id = |seq| seq + 1, key)] seq: u64 },
    List { #[sse(id)] seq: u64 },
    Null { #[sse(id)] seq: u64 },
    Expression { #[sse(id = |seq| seq + 1)] seq: u64 },
}

fn main() {}
