use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Placed { #[sse(id = |order| order.seq)] order: String },
}

fn main() {}
