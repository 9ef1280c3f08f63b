use typed_sse::{FromSseEvent, SseEvent, SseSchema};

#[derive(SseEvent, FromSseEvent, SseSchema)]
#[sse(rename_all = "kebab-case")]
enum Market {
    #[sse(event = "price")]
    PriceChanged { #[sse(id)] seq: u64 },
    #[sse(event = "a")]
    Halted(u8, #[sse(skip)] u8),
    Opened,
}

fn main() {}
