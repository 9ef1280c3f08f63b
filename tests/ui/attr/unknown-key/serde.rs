use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[sse(rename = "x")]
        a: u8,
        #[sse(skip_serializing_if = "Option::is_none")]
        b: Option<u8>,
        #[sse(with = "module", flatten)]
        c: u8,
    },
}

fn main() {}
