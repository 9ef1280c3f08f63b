use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event<T> {
    One(Page<T>),
    Many(Vec<Page<T>>),
    Pair { pair: (T, Missing) },
    #[sse(transparent)]
    Inner(Box<Inner<T>>),
}

fn main() {}
