use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(retry = 3000)]
    A,
    #[sse(retry = 0)]
    B,
    #[sse(retry = 18446744073709551615)]
    C,
    #[sse(retry = 3)]
    D,
    #[sse(retry = 2)]
    E,
    #[sse(retry = 60_000)]
    F,
}

fn main() {}
