use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| order.seq)] Order),
    B(#[sse(id = |order| order.seq)] Order),
    C(#[sse(id = |order| { self::twice(order.seq) })] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn twice(seq: u64) -> u64 {
    seq * 2
}

fn main() {}
