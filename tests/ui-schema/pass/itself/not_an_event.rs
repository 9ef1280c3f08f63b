use typed_sse::{SseEvent, SseSchema};

#[derive(SseEvent, SseSchema)]
enum Market {
    PriceChanged { price: f64 },
}

fn main() {}
