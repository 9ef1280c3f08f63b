use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| if order.seq > 1 { 1 } else { 2 })] Order),
    B(#[sse(id = |order| if order.seq > 1 { 1 } else if let Some(name) = &order.name { name.len() } else { 3 })] Order),
    C(#[sse(id = |order| match order.seq { 1 => 2, _ => 3 })] Order),
    D(#[sse(id = |order| match order.seq { 1 if order.name.is_some() => { 2 } n @ (2 | 3) => n, _ => 3 })] Order),
    E(#[sse(id = |order| order.seq as u8)] Order),
    F(#[sse(id = |order| { order.seq })] Order),
    G(#[sse(id = |order| match &order.name { Some(name) => name, None => "" })] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn main() {}
