use typed_sse::{SseEvent, SseSchema};

#[derive(SseEvent, SseSchema)]
enum Market {
    PriceChanged {
        #[schemars(with = "String")]
        price: f64,
        #[schemars(with = "Vec<u8>")]
        ask: f64,
        #[schemars(with = "f32")]
        bid: f64,
        #[schemars(with = "u8")]
        depth: u64,
    },
}

/// What stands there for something else is let through.
#[derive(SseEvent, SseSchema)]
#[sse(data = fields)]
enum Other {
    PriceChanged {
        #[schemars(range(min = 1))]
        depth: u64,
    },
}

fn main() {}
