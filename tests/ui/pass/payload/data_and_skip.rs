use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A {
        #[sse(data)]
        a: u8,
    },
    B {
        #[sse(retry)]
        b: std::time::Duration,
    },
    C(#[sse(data)] u8),
}

fn main() {}
