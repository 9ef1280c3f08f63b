use typed_sse::{SseEvent, Topics, TopicsError};
use typed_sse_axum::{LastEventId, Sse};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
    Halted,
}

fn halts(markets: &Topics<Market>, last: LastEventId) -> Result<Sse, TopicsError> {
    let both = markets.subscribe(["acme", "umbrella"], last)?;
    Ok(Sse::new(both.filter(|frame| frame.event_type() == "halted")))
}

fn main() {}
