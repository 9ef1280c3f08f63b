use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(nonsense)]
enum Outer<'a, T: Clone = u8, const N: usize = 3>
where
    T: Send,
{
    Array(&'a [T; N]),
    #[sse(transparent)]
    Inner(Box<Inner<T>>),
}

#[derive(SseEvent)]
#[sse(nonsense)]
struct Inner<T>(T);

fn send(outer: Outer<'_, u8>) {
    let _ = outer.to_frame();
    let _ = Inner(5).into_frame();
    let _ = Outer::<u8>::EVENTS.len();
}

fn main() {}
