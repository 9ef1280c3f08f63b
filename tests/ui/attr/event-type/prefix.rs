use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(prefix = "market.")]
enum Event {
    Opened,
    #[sse(event = "market.opened")]
    Open,
}

#[derive(SseEvent)]
#[sse(prefix = "er", rename_all = "lowercase")]
struct Ror;

#[derive(SseEvent)]
#[sse(prefix = 5)]
struct Ping;

fn main() {}
