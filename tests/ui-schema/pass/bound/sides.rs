use typed_sse::{SseEvent, SseSchema};

#[derive(SseEvent, SseSchema)]
#[sse(bound(schema = "T: schemars::JsonSchema"))]
struct One<T> {
    of: T,
}

#[derive(SseEvent, SseSchema)]
struct Two<T> {
    of: T,
}

fn main() {}
