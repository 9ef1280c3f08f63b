use typed_sse::{Channel, LastEventId, SseEvent};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
}

fn prices(market: &Channel<Market>, last: LastEventId) {
    let _ = market.subscribe(last).filter(|frame| frame.event_type() == "price_changed");
}

fn main() {}
