use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| if order.seq > 1 { 1 } else)] Order),
    B(#[sse(id = |order| if { 1 })] Order),
    C(#[sse(id = |order| match order.seq { 1 -> 2 })] Order),
    D(#[sse(id = |order| match order.seq { 1 => 2 _ => 3 })] Order),
    E(#[sse(id = |order| order.seq as)] Order),
    F(#[sse(id = |order| unsafe order.seq)] Order),
    G(#[sse(id = |order| match order.seq)] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn main() {}
