use typed_sse::{FromSseEvent, SseEvent, SseSchema};

#[derive(SseEvent, FromSseEvent, SseSchema)]
enum Market {
    PriceChanged { price: f64 },
    Halted(Vec<f64>),
}

fn main() {}
