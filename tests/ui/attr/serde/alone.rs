use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Value(#[serde(rename = "x")] u8),
    Flat(#[serde(flatten)] Option<()>),
    Marked { #[sse(data)] #[serde(rename = "x")] value: u8 },
    #[sse(text)]
    Text { #[serde(with = "module")] text: String },
    Skipped(#[serde(skip)] u8, #[serde(rename = "x")] u8),
}

fn main() {}
