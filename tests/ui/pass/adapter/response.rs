use axum::response::IntoResponse;
use typed_sse::{Channel, SseEvent};
use typed_sse_axum::{LastEventId, Sse};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
}

async fn forward(channel: Channel<Market>, last: LastEventId) -> impl IntoResponse {
    Sse::new(channel.subscribe(last))
}

fn main() {}
