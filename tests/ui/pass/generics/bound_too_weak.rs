use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(bound = "T: serde::Serialize + std::fmt::Display")]
enum Event<T> {
    Alone(T),
    Fields { #[sse(id)] seq: T },
}

fn main() {}
