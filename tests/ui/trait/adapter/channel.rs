use axum::extract::State;
use axum::response::IntoResponse;
use typed_sse::{Channel, SseEvent};
use typed_sse_axum::{LastEventId, Sse};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
}

async fn prices(State(market): State<Channel<Market>>, last: LastEventId) -> impl IntoResponse {
    let _ = last;
    Sse::new(market)
}

fn main() {}
