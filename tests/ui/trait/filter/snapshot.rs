use std::convert::Infallible;

use typed_sse::{Channel, SseEvent};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
    Halted,
}

fn halts(market: &Channel<Market>) {
    let of = market.clone();
    let state = move || {
        let cursor = of.cursor();
        async move { Ok::<_, Infallible>((vec![Market::Halted], cursor)) }
    };
    let _ = market.subscribe(None).snapshot(state).filter(|event: &Market| matches!(event, Market::Halted));
}

fn main() {}
