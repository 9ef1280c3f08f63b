use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| order.seq +)] Order),
    B(#[sse(id = |order| &)] Order),
    C(#[sse(id = |order| -)] Order),
    D(#[sse(id = |order| .seq)] Order),
    E(#[sse(id = |order| @)] Order),
    F(#[sse(id = |order| (order.seq *))] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn main() {}
