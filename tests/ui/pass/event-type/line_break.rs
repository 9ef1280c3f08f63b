use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(prefix = "a.")]
enum Event {
    #[sse(event = "price changed")]
    PriceChanged,
    Ping,
}

fn main() {}
