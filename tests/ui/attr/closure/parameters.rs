use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order order| 1)] Order),
    B(#[sse(id = |order, key| order.seq)] Order),
    C(#[sse(id = |order: | order.seq)] Order),
    D(#[sse(id = |order|| order.seq)] Order),
    E(#[sse(id = || 1)] Order),
    F(#[sse(id = |+| 1)] Order),
    G(#[sse(id = |order: &Order order| 1)] Order),
    H(#[sse(id = move order| order.seq)] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn main() {}
