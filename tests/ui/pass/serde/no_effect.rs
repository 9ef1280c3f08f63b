use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A { #[serde(skip_serializing_if = "Option::is_none")] a: Option<u8> },
    #[sse(text)]
    B(String),
    C {
        #[serde(flatten)]
        c: std::collections::BTreeMap<String, u8>,
    },
}

fn main() {}
