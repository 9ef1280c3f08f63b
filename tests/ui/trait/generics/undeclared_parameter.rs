use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    One(T),
    Many(Vec<T>),
    Array { array: [u8; N] },
    Missing(Vec),
    TooMany(Option<u8, u8>),
}

fn main() {}
