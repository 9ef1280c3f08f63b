use std::borrow::Cow;

use typed_sse::FromSseEvent;

#[derive(FromSseEvent)]
enum Market<'a> {
    Opened(String),
    Closed { reasons: Vec<Cow<'static, str>>, #[sse(skip)] kept: Option<&'a str> },
    #[sse(text)]
    Note(Cow<'a, str>),
}

fn main() {}
