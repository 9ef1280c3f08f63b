use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "UPPERCASE")]
enum Event {
    FooBar,
    Foobar,
    #[sse(event = "FOOBAR")]
    Explicit,
    #[sse(other)]
    FOOBAR,
}

#[derive(SseEvent)]
#[sse(rename_all = "camelCase")]
enum Reserved {
    Error,
    Open,
}

fn main() {}
