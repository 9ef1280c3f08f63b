use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Market {
    #[sse(terminal)]
    Closed,
    #[sse(terminal)]
    Halted,
    #[sse(terminal)]
    Ended { code: u8 },
    #[sse(terminal)]
    Last,
}

fn main() {}
