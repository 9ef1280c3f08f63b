use typed_sse::SseEvent;

struct Meta {
    seq: Sequence,
}

struct Sequence(u64);

#[derive(SseEvent)]
enum Event {
    Closure(#[sse(skip, id = |meta| meta.0)] (Sequence,)),
    Path { #[sse(skip, key = sequence)] meta: Meta },
}

fn sequence(meta: &Meta) -> &Sequence {
    &meta.seq
}

fn main() {}
