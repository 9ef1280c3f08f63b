use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A {
        #[sse(data, skip)]
        a: u8,
    },
    B {
        #[sse(retry, data)]
        b: std::time::Duration,
    },
    C(#[sse(data)] #[serde(skip)] u8),
}

fn main() {}
