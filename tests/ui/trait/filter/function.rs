use typed_sse::{Channel, SseEvent};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
    Halted,
}

fn is_halt(event: &Market) -> bool {
    matches!(event, Market::Halted)
}

fn halts(market: &Channel<Market>) {
    let _ = market.subscribe(None).filter(is_halt);
}

fn main() {}
