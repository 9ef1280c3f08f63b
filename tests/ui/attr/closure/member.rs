use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| order.)] Order),
    B(#[sse(id = |order| order.name.as_ref().map(|name| name.))] Order),
    C(#[sse(id = |order| order.&seq)] Order),
    D(#[sse(id = |order| u64::)] Order),
    E(#[sse(id = |order| u64::max::<)] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn main() {}
