use typed_sse::FromSseEvent;

#[derive(serde::Deserialize)]
struct Price {
    #[allow(dead_code)]
    value: f64,
}

#[derive(FromSseEvent)]
enum Market {
    Opened(Price),
    Changed { price: Price, old: Vec<Price> },
    Flat { #[serde(flatten)] price: Price },
}

fn main() {}
