use std::convert::Infallible;

use axum::{Router, routing::get};
use futures_util::stream;
use typed_sse_axum::Sse;

enum Market {
    PriceChanged { price: f64 },
}

async fn prices() -> Sse {
    Sse::new(stream::iter(vec![Ok::<_, Infallible>(Market::PriceChanged { price: 1.5 })]))
}

fn app() -> Router {
    Router::new().route("/prices", get(prices))
}

fn main() {}
