use typed_sse::FromSseEvent;

struct Price(f64);

#[derive(FromSseEvent)]
enum Market {
    Opened(Price),
    Changed { price: Price, old: Vec<Price> },
    Flat { #[serde(flatten)] price: Price },
}

fn main() {}
