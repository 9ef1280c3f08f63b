use typed_sse::{SseEvent, Topics, TopicsError};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
    Halted,
}

fn to_a_halt(markets: &Topics<Market>) -> Result<(), TopicsError> {
    let both = markets.subscribe(["acme", "umbrella"], None)?;
    let _ = both.until(|frame| frame.event_type() == "halted");
    Ok(())
}

fn main() {}
