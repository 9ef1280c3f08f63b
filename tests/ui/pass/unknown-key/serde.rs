use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde(rename = "x")]
        a: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<u8>,
        c: u8,
    },
}

fn main() {}
