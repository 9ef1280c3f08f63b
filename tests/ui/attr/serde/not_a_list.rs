use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde]
        a: u8,
        #[serde(rename)]
        b: u8,
        #[serde(flatten = true)]
        c: Option<()>,
        #[serde(skip, skip)]
        d: u8,
    },
}

fn main() {}
