use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde(skip_serializing_if = "is_zero")]
        a: u8,
        #[serde(with = "module")]
        b: u8,
        #[serde(serialize_with = "module::serialize")]
        c: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        d: Option<u8>,
    },
}

fn is_zero(value: &u8) -> bool {
    *value == 0
}

mod module {
    pub fn serialize<S: serde::Serializer>(value: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*value)
    }
}

fn main() {}
