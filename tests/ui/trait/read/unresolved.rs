use typed_sse::{FromSseEvent, SseEvent};

#[derive(SseEvent, FromSseEvent)]
enum Unknown {
    #[sse(event = NOWHERE)]
    Constant,
    Field { value: Missing },
    #[sse(transparent)]
    Inside(Nowhere),
}

#[derive(SseEvent, FromSseEvent)]
#[sse(crate = "nothing")]
struct Lost;

fn main() {}
