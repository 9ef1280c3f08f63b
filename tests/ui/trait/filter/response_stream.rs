use futures_util::StreamExt as _;
use typed_sse::{Channel, SseEvent};
use typed_sse_axum::{LastEventId, Sse};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
    Halted,
}

fn halts(market: &Channel<Market>, last: LastEventId) -> Sse {
    Sse::new(market.subscribe(last).take(10)).filter(|event| async move { matches!(event, Market::Halted) })
}

fn main() {}
