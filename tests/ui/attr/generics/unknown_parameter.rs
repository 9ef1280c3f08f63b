use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(bound = "U: Clone")]
enum Event<T> {
    Value(T),
}

#[derive(SseEvent)]
#[sse(bound = "T: Clone, Vec<u8>: Clone")]
struct Plain(u8);

fn main() {}
