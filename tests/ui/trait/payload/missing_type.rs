use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    One(Missing),
    Many { #[sse(id)] seq: Sequence, prices: Missing },
}

fn main() {}
