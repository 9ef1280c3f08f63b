use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(other, event = "x")]
    Unknown(typed_sse::Event),
}

#[derive(SseEvent)]
enum Unit {
    #[sse(other(Event))]
    Unknown,
}

#[derive(SseEvent)]
enum Misspelt {
    #[sse(othr)]
    Unknown(typed_sse::Event),
}

fn main() {}
