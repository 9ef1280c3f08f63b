use typed_sse::{Channel, LastEventId, SseEvent};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
}

fn prices(market: &Channel<Market>, last: LastEventId) {
    let _ = market.subscribe(last).filter(|event: &Market| matches!(event, Market::PriceChanged { .. }));
}

fn main() {}
