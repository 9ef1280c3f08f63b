use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde(rename(serialize))]
        a: u8,
        #[serde(rename("b"))]
        b: u8,
        #[serde(rename(serialise = "c"))]
        c: u8,
        #[serde(rename())]
        d: u8,
        #[serde(rename(serialize = 5))]
        e: u8,
    },
}

fn main() {}
