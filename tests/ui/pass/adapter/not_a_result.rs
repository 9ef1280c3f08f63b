use std::convert::Infallible;

use axum::response::IntoResponse;
use futures_util::{StreamExt as _, stream};
use typed_sse::SseEvent;
use typed_sse_axum::Sse;

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
}

async fn prices() -> impl IntoResponse {
    Sse::new(stream::iter([Market::PriceChanged { price: 1.5 }]).map(Ok::<_, Infallible>))
}

fn main() {
    let _ = prices;
}
