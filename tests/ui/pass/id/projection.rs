use typed_sse::SseEvent;

struct Meta {
    seq: Sequence,
}

struct Sequence(u64);

#[derive(SseEvent)]
enum Event {
    Closure(#[sse(skip, id = |meta| meta.0.0)] (Sequence,)),
    Path { #[sse(skip, key = sequence)] meta: Meta },
}

fn sequence(meta: &Meta) -> u64 {
    meta.seq.0
}

fn main() {}
