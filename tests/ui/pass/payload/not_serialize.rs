use typed_sse::SseEvent;

#[derive(serde::Serialize)]
struct Price(f64);

#[derive(SseEvent)]
enum Event {
    Alone(Price),
    Field { at: u64, prices: Vec<Price> },
    Flat {
        #[serde(flatten)]
        price: std::collections::BTreeMap<String, Price>,
    },
}

fn main() {}
