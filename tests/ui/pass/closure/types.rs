use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| order.seq)] Order),
    B(#[sse(id = Order::number)] Order),
    C(#[sse(key = number)] Order),
    D(#[sse(id = |order| order.seq + 1)] Order),
    E(#[sse(id = |order| { order.seq })] Order),
    F(#[sse(id = |order| order.name.clone())] Order),
    G(#[sse(id = |order| order.seq)] Order),
    H(#[sse(id = |order: &Order| order.seq)] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

impl Order {
    fn number(&self) -> u64 {
        self.seq
    }
}

fn number(order: &Order) -> u64 {
    order.seq
}

fn main() {}
