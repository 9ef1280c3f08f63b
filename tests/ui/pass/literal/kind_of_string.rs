use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(event = "a")]
    A,
    #[sse(event = r"b")]
    B,
    #[sse(event = r#"c"#)]
    C,
    #[sse(event = "\u{64}")]
    D,
}

fn main() {}
