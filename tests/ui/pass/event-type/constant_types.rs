use typed_sse::SseEvent;

const NUMBER: &str = "5";
const TYPED: &str = "typed";

#[derive(SseEvent)]
enum Event {
    #[sse(event = NUMBER)]
    Number,
    #[sse(event = TYPED)]
    Typed,
    #[sse(event = concat!("a"))]
    Formatted,
    #[sse(event = names::THERE)]
    Missing,
}

mod names {
    pub const THERE: &str = "there";
}

fn main() {}
