use typed_sse::{SseEvent, SseSchema};

#[derive(SseEvent, SseSchema)]
enum Market {
    PriceChanged {
        #[schemars(whit = "String")]
        price: f64,
        #[schemars(with = "Vec<")]
        ask: f64,
        #[schemars(with)]
        bid: f64,
        #[schemars(range(min = 1), with = "u8", with = "u16")]
        depth: u64,
    },
}

fn main() {}
