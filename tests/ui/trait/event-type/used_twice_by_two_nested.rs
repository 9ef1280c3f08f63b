use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Orders {
    Placed,
}

#[derive(SseEvent)]
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
