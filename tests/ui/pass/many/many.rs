use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case", prefix = "market.")]
enum Market {
    #[sse(event = "price")]
    PriceChanged {
        #[sse(id)]
        seq: u64,
        price: f64,
    },
    #[sse(retry = 3000)]
    TradingHalted { #[sse(id)] seq: u64, reason: String },
    #[sse(event = "message", ephemeral)]
    Typing,
    #[sse(tombstone)]
    Removed { #[sse(key)] symbol: String },
    Error { reason: String },
    #[sse(text = "")]
    Nothing,
    #[sse(event = "x")]
    Renamed(#[sse(skip)] u8),
}

fn needs_event(market: &Market) {
    let _ = market.to_frame();
}

fn main() {}
