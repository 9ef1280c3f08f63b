use typed_sse::{FromSseEvent, SseEvent};

#[derive(SseEvent, FromSseEvent)]
enum Unknown {
    #[sse(event = "nowhere")]
    Constant,
    Field { value: u8 },
    #[sse(transparent)]
    Inside(Lost),
}

#[derive(SseEvent, FromSseEvent)]
#[sse(crate = "typed_sse")]
struct Lost;

fn main() {}
