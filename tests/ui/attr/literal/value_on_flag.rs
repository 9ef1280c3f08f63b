use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(ephemeral = true)]
    A,
    #[sse(base64("x"))]
    B(Vec<u8>),
    C {
        #[sse(skip = "yes", key)]
        key: u8,
        #[sse(data = 1 + 1)]
        data: u8,
    },
}

fn main() {}
