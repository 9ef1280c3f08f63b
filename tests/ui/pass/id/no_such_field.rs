use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Placed { #[sse(id = |order| order.len())] order: String },
}

fn main() {}
