use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| order.seq + 1)] Order),
    B(#[sse(id = |order| &order.seq)] Order),
    C(#[sse(id = |order| !order.seq)] Order),
    D(#[sse(id = |order| order.seq)] Order),
    E(#[sse(id = |_| 1)] Order),
    F(#[sse(id = |order| (order.seq * 2))] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn main() {}
