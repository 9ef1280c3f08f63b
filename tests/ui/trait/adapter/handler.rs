use std::convert::Infallible;

use axum::{Router, routing::get};
use futures_util::stream::{self, Iter};
use typed_sse_axum::Sse;

enum Market {
    PriceChanged { price: f64 },
}

type Prices = Iter<std::vec::IntoIter<Result<Market, Infallible>>>;

async fn prices() -> Sse<Prices> {
    Sse::new(stream::iter(vec![Ok(Market::PriceChanged { price: 1.5 })]))
}

fn app() -> Router {
    Router::new().route("/prices", get(prices))
}

fn main() {}
