use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde(rename = "a")]
        a: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<u8>,
        #[serde(serialize_with = "serde::Serialize::serialize")]
        c: u8,
        #[serde(flatten)]
        d: Option<()>,
        #[serde(rename(serialize = "x"))]
        e: u8,
    },
}

fn main() {}
