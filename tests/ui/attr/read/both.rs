use typed_sse::{FromSseEvent, SseEvent};

#[derive(SseEvent, FromSseEvent)]
#[sse(rename_all = "kebap-case", bound(serialize = "U: Clone", deserialize = "U: Clone"))]
#[serde(tag = "type")]
enum Market<T> {
    #[sse(evnt = "price")]
    PriceChanged { #[sse(id)] seq: u64, price: T },
    #[sse(retry = "3s")]
    Halted(u64, String),
    #[sse(event = "halted")]
    Halting,
    #[sse(ephemeral, terminal)]
    Closed { #[serde(default = 5)] code: u8 },
}

#[derive(FromSseEvent, SseEvent)]
union Either {
    a: u8,
    b: i8,
}

#[derive(FromSseEvent, SseEvent)]
enum Nothing {}

fn main() {}
