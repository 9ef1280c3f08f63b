use typed_sse::{FromSseEvent, SseEvent};

const NUMBER: u8 = 5;
const LINES: &str = "a\nb";

#[derive(SseEvent, FromSseEvent)]
enum Types {
    #[sse(event = NUMBER)]
    Number,
}

#[derive(SseEvent, FromSseEvent)]
enum Lines {
    #[sse(event = LINES)]
    Lines,
}

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
