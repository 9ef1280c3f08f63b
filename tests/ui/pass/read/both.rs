use typed_sse::{FromSseEvent, SseEvent};

#[derive(SseEvent, FromSseEvent)]
#[sse(
    rename_all = "kebab-case",
    bound(serialize = "T: serde::Serialize", deserialize = "T: serde::de::DeserializeOwned")
)]
enum Market<T> {
    #[sse(event = "price")]
    PriceChanged { #[sse(id)] seq: u64, price: T },
    #[sse(retry = 3000)]
    Halted(#[sse(id)] u64, #[sse(data)] String),
    #[sse(event = "halting")]
    Halting,
    #[sse(terminal)]
    Closed { #[serde(default)] code: u8 },
}

#[derive(FromSseEvent, SseEvent)]
struct Either {
    a: u8,
}

#[derive(FromSseEvent, SseEvent)]
enum Nothing {
    Something,
}

fn main() {}
