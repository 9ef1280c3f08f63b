use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde(skip_serializing_if = "is_zero")]
        a: u8,
        #[serde(with = "missing")]
        b: u8,
        #[serde(serialize_with = "module::missing")]
        c: Missing,
        #[serde(skip_serializing_if = "Option::is_none")]
        d: Option<Missing>,
    },
}

mod module {}

fn main() {}
