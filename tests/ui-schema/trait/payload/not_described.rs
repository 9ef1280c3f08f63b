use typed_sse::{SseEvent, SseSchema};

#[derive(serde::Serialize)]
struct Price(f64);

mod deep {
    #[derive(serde::Serialize)]
    pub struct Meta {
        pub a: u8,
    }
}

#[derive(SseEvent, SseSchema)]
enum Market {
    PriceChanged { symbol: String, price: Price },
    Halted(Vec<Price>),
    Opened {
        #[serde(flatten)]
        meta: deep::Meta,
    },
}

fn main() {}
