use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| let seq = order.seq)] Order),
    B(#[sse(id = |order| order.seq; 1)] Order),
    C(#[sse(id = |order| { let seq = order.seq seq })] Order),
    D(#[sse(id = |order| { order.seq order.seq })] Order),
    E(#[sse(id = |order| { let seq })] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn main() {}
