use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(terminal)]
enum Market {
    #[sse(terminal, terminal)]
    Closed,
    #[sse(terminal = true)]
    Halted,
    Ended { #[sse(terminal)] code: u8 },
    #[sse(last)]
    Last,
}

fn main() {}
