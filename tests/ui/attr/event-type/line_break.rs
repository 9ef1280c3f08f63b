use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(prefix = "a\r")]
enum Event {
    #[sse(event = "price\nchanged")]
    PriceChanged,
    Ping,
}

fn main() {}
