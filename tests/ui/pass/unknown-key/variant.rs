use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "price_changed")]
    PriceChanged(f64),
    #[sse(event = "halted", retry = 3000)]
    TradingHalted,
}

fn main() {}
