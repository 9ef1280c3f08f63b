use typed_sse::{Channel, Frame, SseEvent};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
    Halted,
}

fn is_halt(frame: &Frame) -> bool {
    frame.event_type() == "halted"
}

fn halts(market: &Channel<Market>) {
    let _ = market.subscribe(None).filter(is_halt);
}

fn main() {}
