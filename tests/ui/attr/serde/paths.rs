use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde(skip_serializing_if = "Option::is_none()")]
        a: Option<u8>,
        #[serde(with = "module::")]
        b: u8,
        #[serde(serialize_with = "")]
        c: u8,
        #[serde(with = module)]
        d: u8,
        #[serde(skip_serializing_if)]
        e: u8,
    },
}

fn main() {}
