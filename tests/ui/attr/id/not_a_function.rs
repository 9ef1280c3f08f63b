use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = 1)] u64),
    B(#[sse(key = "b")] u64),
    C(#[sse(id = self.seq)] u64),
    D(#[sse(id = || 1, key = seq())] u64),
    E(#[sse(id = |seq|)] u64),
    F(#[sse(id = |seq, key)] u64),
}

fn main() {}
