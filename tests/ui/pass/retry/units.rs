use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(retry = 3_000)]
    A,
    #[sse(retry = 0)]
    B,
    #[sse(retry = 0xbb8)]
    C,
    #[sse(retry = 3000)]
    D,
    #[sse(retry = 3000)]
    E,
    #[sse(retry = 18446744073709551615)]
    F,
}

fn main() {}
