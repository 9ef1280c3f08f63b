use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[sse(id = |order| self.seq)] Order),
    B(#[sse(id = |self| self.seq)] Order),
    C(#[sse(id = |order| { self.seq + order.seq })] Order),
}

#[derive(serde::Serialize)]
struct Order {
    seq: u64,
    name: Option<String>,
}

fn twice(seq: u64) -> u64 {
    seq * 2
}

fn main() {}
