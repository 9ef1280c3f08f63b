use typed_sse::{SseEvent, Topics, TopicsError};
use typed_sse_axum::{LastEventId, Sse};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
    Halted,
}

fn halts(markets: &Topics<Market>, last: LastEventId) -> Result<Sse, TopicsError> {
    let halts = markets.filter(|frame| frame.event_type() == "halted");
    Ok(Sse::new(halts.subscribe(["acme", "umbrella"], last)?))
}

fn main() {}
