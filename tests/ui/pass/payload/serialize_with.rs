use typed_sse::SseEvent;

fn right<S: serde::Serializer>(value: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(*value)
}

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde(serialize_with = "right")]
        a: u8,
        b: u8,
    },
}

fn main() {}
