use typed_sse::{FromSseEvent, SseEvent, SseSchema};

#[derive(SseEvent, FromSseEvent, SseSchema)]
#[sse(rename_all = "kebap-case")]
enum Market {
    #[sse(evnt = "price")]
    PriceChanged { #[sse(id, id)] seq: u64 },
    #[sse(event = "a")]
    Halted(u8, u8),
    #[sse(event = "a")]
    Opened,
}

fn main() {}
