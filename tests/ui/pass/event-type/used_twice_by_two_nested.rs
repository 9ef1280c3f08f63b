use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(prefix = "orders.")]
enum Orders {
    Placed,
}

#[derive(SseEvent)]
#[sse(prefix = "bets.")]
enum Bets {
    #[sse(ephemeral)]
    Placed,
}

#[derive(SseEvent)]
enum Event {
    #[sse(transparent)]
    Orders(Orders),
    #[sse(transparent)]
    Bets(Bets),
}

fn main() {}
