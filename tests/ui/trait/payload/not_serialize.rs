use typed_sse::SseEvent;

struct Price(f64);

#[derive(SseEvent)]
enum Event {
    Alone(Price),
    Field { at: u64, prices: Vec<Price> },
    Flat {
        #[serde(flatten)]
        price: Price,
    },
}

fn main() {}
