use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event<T, const N: usize>
where
    [u8; N]: serde::Serialize,
{
    One(T),
    Many(Vec<T>),
    Array { array: [u8; N] },
    Missing(Vec<u8>),
    TooMany(Option<u8>),
}

fn main() {}
