use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(retry = 3_000u64)]
    A,
    #[sse(retry = true)]
    B,
    #[sse(retry = Duration::from_secs(3))]
    C,
    #[sse(retry = "3000")]
    D,
    #[sse(retry = 3s)]
    E,
    #[sse(retry = 3.0)]
    F,
}

fn main() {}
