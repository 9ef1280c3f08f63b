use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde(renam = "a", getter = "b")]
        a: u8,
        #[serde(skip_serializing_if = Option::is_none)]
        b: Option<u8>,
        #[serde(with = "not a path")]
        c: u8,
        #[serde(flatten, rename = "e")]
        d: Option<()>,
        #[serde(rename(serialise = "x"))]
        e: u8,
    },
}

fn main() {}
