use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(evnt = "price_changed")]
    PriceChanged(f64),
    #[sse(rename = "halted", retry = 3000, nonsense(a = 1, b))]
    TradingHalted,
}

fn main() {}
