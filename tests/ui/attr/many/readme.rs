use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebap-case")]
enum Market {
    #[sse(evnt = "price")]
    PriceChanged { #[sse(id)] seq: u64, price: f64 },
    #[sse(retry = "3s")]
    TradingHalted(u64, String),
}

fn main() {}
