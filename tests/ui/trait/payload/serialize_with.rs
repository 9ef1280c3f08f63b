use typed_sse::SseEvent;

fn wrong(value: &str) -> String {
    value.to_owned()
}

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde(serialize_with = "wrong")]
        a: u8,
        #[serde(with = "missing")]
        b: u8,
    },
}

fn main() {}
