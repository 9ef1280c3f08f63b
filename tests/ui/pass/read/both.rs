use typed_sse::{FromSseEvent, SseEvent};

const NUMBER: &str = "5";
const LINES: &str = "a b";

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
