use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(other)]
    Unknown(typed_sse::Event),
}

#[derive(SseEvent)]
enum Unit {
    #[sse(other)]
    Unknown,
}

#[derive(SseEvent)]
enum Misspelt {
    #[sse(other)]
    Unknown(typed_sse::Event),
}

fn main() {}
