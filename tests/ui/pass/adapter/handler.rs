use axum::extract::State;
use axum::{Router, routing::get};
use typed_sse::{Channel, SseEvent, Subscription};
use typed_sse_axum::{LastEventId, Sse};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
}

async fn forward(State(channel): State<Channel<Market>>, last: LastEventId) -> Sse<Subscription<Market>> {
    Sse::new(channel.subscribe(last))
}

fn app(channel: Channel<Market>) -> Router {
    Router::new().route("/events", get(forward)).with_state(channel)
}

fn main() {}
