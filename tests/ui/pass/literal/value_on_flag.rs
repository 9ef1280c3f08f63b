use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(ephemeral)]
    A,
    #[sse(base64)]
    B(Vec<u8>),
    C {
        #[sse(skip, key)]
        key: u8,
        #[sse(data)]
        data: u8,
    },
}

fn main() {}
