use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        a: u8,
        #[serde(rename = "x")]
        b: u8,
        #[serde(flatten)]
        c: Option<()>,
        #[serde(skip)]
        d: u8,
    },
}

fn main() {}
