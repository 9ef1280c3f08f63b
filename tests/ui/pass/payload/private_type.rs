use typed_sse::SseEvent;

mod prices {
    #[derive(serde::Serialize)]
    pub struct Price(f64);
}

#[derive(SseEvent)]
enum Event {
    One(prices::Price),
    Many(Vec<prices::Price>),
}

fn main() {}
