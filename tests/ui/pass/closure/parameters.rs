use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |_order| 1)] Order),
    B(#[sse(id = |order| order.seq)] Order),
    C(#[sse(id = |order: &Order| order.seq)] Order),
    D(#[sse(id = |order| order.seq)] Order),
    E(#[sse(id = |_| 1)] Order),
    F(#[sse(id = |Order { seq, .. }| seq)] Order),
    G(#[sse(id = |&Order { seq, .. }| seq)] Order),
    H(#[sse(id = move |order| order.seq)] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn main() {}
