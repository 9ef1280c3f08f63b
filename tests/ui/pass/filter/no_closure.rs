use typed_sse::{Channel, SseEvent};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
    Halted,
}

fn halts(market: &Channel<Market>) {
    let _ = market.subscribe(None).filter(|frame| frame.event_type() == "halted");
}

fn main() {}
