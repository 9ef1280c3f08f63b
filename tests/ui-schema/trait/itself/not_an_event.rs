use typed_sse::SseSchema;

#[derive(SseSchema)]
enum Market {
    PriceChanged { price: f64 },
}

fn main() {}
