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

fn main() {}
