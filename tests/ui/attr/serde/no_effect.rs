use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A(#[serde(skip_serializing_if = "Option::is_none")] Option<u8>),
    #[sse(text)]
    B(#[serde(with = "module")] String),
    C {
        #[sse(data)]
        #[serde(flatten)]
        c: u8,
    },
}

fn main() {}
