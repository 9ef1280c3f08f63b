use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "SCREAMING_SNAKE_CASE")]
enum Event {
    FooBar,
    Foobar,
    #[sse(event = "FOO")]
    Explicit,
    #[sse(other)]
    Other,
}

#[derive(SseEvent)]
#[sse(rename_all = "UPPERCASE")]
enum Reserved {
    Error,
    Open,
}

fn main() {}
