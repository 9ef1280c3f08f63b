use typed_sse::{SseEvent, SseSchema};

#[derive(SseEvent)]
struct Usage {
    tokens: u32,
}

#[derive(SseEvent, SseSchema)]
enum Chat {
    #[sse(transparent)]
    Usage(Box<Usage>),
}

fn main() {}
