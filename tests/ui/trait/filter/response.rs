use std::time::Duration;

use typed_sse::{Channel, SseEvent};
use typed_sse_axum::{LastEventId, Sse};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
    Halted,
}

fn halts(market: &Channel<Market>, last: LastEventId) -> Sse {
    Sse::new(market.subscribe(last))
        .filter(|frame| frame.event_type() == "halted")
        .retry(Duration::from_secs(1))
}

fn main() {}
