use axum::body::{Body, BodyDataStream};
use axum::{Router, routing::get};
use typed_sse_axum::Sse;

async fn forward(body: Body) -> Sse<BodyDataStream> {
    Sse::new(body.into_data_stream())
}

fn app() -> Router {
    Router::new().route("/events", get(forward))
}

fn main() {}
