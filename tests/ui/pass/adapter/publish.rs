use typed_sse::{Channel, SseEvent};

#[derive(SseEvent)]
enum Market {
    PriceChanged { price: f64 },
}

async fn publish(channel: Channel<Market>) {
    channel.publish(&Market::PriceChanged { price: 1.5 }).await.ok();
}

fn main() {}
