use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(bound = "T: serde::Serialize")]
enum Event<T> {
    Value(T),
}

#[derive(SseEvent)]
#[sse(bound = "")]
struct Plain(u8);

fn main() {}
