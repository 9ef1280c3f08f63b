use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(bound = "T: Clone")]
enum Event<T> {
    Alone(T),
    Fields { #[sse(id)] seq: T },
}

fn main() {}
