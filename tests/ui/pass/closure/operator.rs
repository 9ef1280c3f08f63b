use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| order.seq)] Order),
    B(#[sse(id = |order| order.seq, key = |order| order.seq)] Order),
    C(#[sse(id = |order| (order.seq + order.seq))] Order),
    D(#[sse(id = |order| format!("{}x", order.seq))] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn main() {}
