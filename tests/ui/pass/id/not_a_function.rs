use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |_| 1)] u64),
    B(#[sse(key = |_| "b")] u64),
    C(#[sse(id)] u64),
    D(#[sse(id = |_| 1, key = u64::clone)] u64),
    E(#[sse(id = |seq| seq)] u64),
    F(#[sse(id = |seq| seq, key)] u64),
}

fn main() {}
