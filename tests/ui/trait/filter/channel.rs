use typed_sse::{Channel, SseEvent};
use typed_sse_axum::{LastEventId, Sse};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
    Halted,
}

fn halts(market: &Channel<Market>, last: LastEventId) -> Sse {
    Sse::new(market.filter(|frame| frame.event_type() == "halted").subscribe(last))
}

fn main() {}
