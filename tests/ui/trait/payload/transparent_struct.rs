use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(transparent)]
struct Tuple(Vec<u8>);

#[derive(SseEvent)]
#[sse(transparent)]
struct Named<'a> {
    inner: &'a str,
}

fn main() {}
