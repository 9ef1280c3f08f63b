use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case")]
enum Market {
    #[sse(event = "price")]
    PriceChanged { #[sse(id)] seq: u64, price: f64 },
    #[sse(retry = 3000)]
    TradingHalted { day: u64, reason: String },
}

fn main() {
    let _ = Market::PriceChanged { seq: 1, price: 1.0 };
    let _ = Market::TradingHalted { day: 1, reason: String::new() };
}
