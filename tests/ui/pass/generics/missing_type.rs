use serde::Serialize;
use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event<T> {
    One(Page<T>),
    Many(Vec<Page<T>>),
    Pair { pair: (T, u8) },
    #[sse(transparent)]
    Inner(Box<Inner<T>>),
}

#[derive(Serialize)]
struct Page<T>(T);

#[derive(SseEvent)]
struct Inner<T>(T);

fn main() {}
