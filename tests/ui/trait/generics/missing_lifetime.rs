use std::borrow::Cow;

use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Elided(&str),
    Inside { list: Vec<&str>, text: Cow<str> },
    #[sse(transparent)]
    Inner(&Inner),
}

#[derive(SseEvent)]
struct Undeclared<'a> {
    a: &'a str,
    b: &'b str,
}

#[derive(SseEvent)]
struct Inner;

fn main() {}
