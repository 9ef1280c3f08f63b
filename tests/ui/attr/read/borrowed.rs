use typed_sse::FromSseEvent;

#[derive(FromSseEvent)]
enum Market<'a> {
    Opened(&'a str),
    Closed { reasons: Vec<&'static str>, #[sse(skip)] kept: Option<&'a str> },
    #[sse(text)]
    Note(&'a str),
}

fn main() {}
