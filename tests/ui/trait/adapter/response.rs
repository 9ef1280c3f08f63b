use std::convert::Infallible;

use axum::response::IntoResponse;
use futures_util::stream;
use typed_sse_axum::Sse;

enum Market {
    PriceChanged { price: f64 },
}

async fn prices() -> impl IntoResponse {
    let event = Market::PriceChanged { price: 1.5 };
    Sse::new(stream::iter([Ok::<_, Infallible>(event)]))
}

fn main() {}
