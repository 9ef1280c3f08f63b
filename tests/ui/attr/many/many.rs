use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebap-case", prefx = "market.")]
enum Market {
    #[sse(evnt = "price")]
    PriceChanged {
        #[sse(idd)]
        seq: u64,
        price: f64,
    },
    #[sse(id, retry = "3s")]
    TradingHalted(u64, String),
    #[sse(event = "", ephemeral = true)]
    Typing,
    #[sse(tombstone)]
    Removed { symbol: String },
    Error { reason: String },
    #[sse(text)]
    Nothing,
    #[serde(rename = "x")]
    Renamed(#[sse(skip = 1)] u8),
}

fn needs_event(market: &Market) {
    let _ = market.to_frame();
}

fn main() {}
