use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Name { #[sse(id = "seq")] seq: u64 },
    Number { #[sse(id = 5)] seq: u64 },
    Quoted { #[sse(id = "|seq| seq + 1", key = true)] seq: u64 },
    List { #[sse(id(seq))] seq: u64 },
    Null { #[sse(id = "a\0")] seq: u64 },
    Expression { #[sse(id = seq + 1)] seq: u64 },
}

fn main() {}
