use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Value(u8),
    Flat(Option<()>),
    Marked { #[sse(data)] value: u8 },
    #[sse(text)]
    Text { text: String },
    Skipped(#[serde(skip)] u8, u8),
}

fn main() {}
