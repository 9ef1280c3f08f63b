use typed_sse::{FromSseEvent, SseEvent, SseSchema};

#[derive(SseEvent, FromSseEvent, SseSchema)]
enum Market {
    PriceChanged { price: Prize },
    Halted(Vec<Prize>),
}

fn main() {}
