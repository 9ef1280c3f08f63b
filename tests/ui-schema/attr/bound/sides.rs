use typed_sse::{SseEvent, SseSchema};

#[derive(SseEvent, SseSchema)]
#[sse(bound(schema = "X: Clone"))]
struct One<T> {
    of: T,
}

#[derive(SseEvent, SseSchema)]
#[sse(bound(scheme = "T: Clone"))]
struct Two<T> {
    of: T,
}

fn main() {}
