use std::convert::Infallible;
use std::time::Duration;

use axum::{Router, response::IntoResponse, routing::get};
use futures_util::stream;
use typed_sse::SseEvent;
use typed_sse_axum::Sse;

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
}

async fn plain() -> Sse {
    if std::env::args().len() > 1 {
        return Sse::later(Duration::from_secs(30));
    }
    Sse::new(stream::iter([Ok::<_, Infallible>(Market::PriceChanged { price: 1.5 })]))
}

async fn fallible() -> Result<Sse, &'static str> {
    Ok(Sse::new(stream::iter([Ok::<_, Infallible>(Market::PriceChanged { price: 1.5 })])))
}

// Nothing but the end, and several streams in one handler.
async fn stop() -> impl IntoResponse {
    Sse::stop()
}

async fn either(is_empty: bool) -> impl IntoResponse {
    if is_empty {
        return Sse::new(stream::empty::<Result<Market, Infallible>>());
    }
    Sse::new(stream::iter([Ok::<_, Infallible>(Market::PriceChanged { price: 1.5 })]))
}

fn app() -> Router {
    Router::new().route("/plain", get(plain)).route("/fallible", get(fallible)).route("/stop", get(stop)).route("/either", get(|| either(true)))
}

fn main() {}
