use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(transparent)]
struct Tuple(Box<Inner>);

#[derive(SseEvent)]
#[sse(transparent)]
struct Named<'a> {
    inner: &'a Inner,
}

#[derive(SseEvent)]
struct Inner;

fn main() {}
