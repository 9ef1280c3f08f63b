use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| order.seq)] Order),
    B(#[sse(id = |order| order.name.as_ref().map(|name| name.len()))] Order),
    C(#[sse(id = |order| &order.seq)] Order),
    D(#[sse(id = |_| u64::MAX)] Order),
    E(#[sse(id = |order| Vec::<u8>::new().len())] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn main() {}
