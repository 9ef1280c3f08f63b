use serde::Serialize;
use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(data = self)]
enum Event {
    Started,
    Changed { #[sse(id)] seq: u64 },
    Ended(u8),
}

#[derive(SseEvent)]
#[sse(data = self)]
struct Lent<'a>(&'a str);

struct Opaque;

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
struct Holder(Opaque);

#[derive(SseEvent)]
#[sse(data = self)]
struct Generic<T>(T);

fn main() {
    let _ = typed_sse::SseEvent::to_frame(&Generic(1));
}
