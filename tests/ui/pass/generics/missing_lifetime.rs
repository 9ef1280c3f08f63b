use std::borrow::Cow;

use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event<'a> {
    Elided(&'a str),
    Inside { list: Vec<&'a str>, text: Cow<'a, str> },
    #[sse(transparent)]
    Inner(&'a Inner),
}

#[derive(SseEvent)]
struct Undeclared<'a, 'b> {
    a: &'a str,
    b: &'b str,
}

#[derive(SseEvent)]
struct Inner;

fn main() {}
