use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(retry = "3s")]
    A,
    #[sse(retry = -1)]
    B,
    #[sse(retry = 18446744073709551616)]
    C,
    #[sse(retry = 3ms)]
    D,
    #[sse(retry = 1.5)]
    E,
    #[sse(retry = 60 * 1000)]
    F,
}

fn main() {}
