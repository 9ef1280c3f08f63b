use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case", prefix = "m")]
enum Event {
    #[sse(event = "price")]
    A,
    #[sse(event = r"price2")]
    B,
    #[sse(text = "[DONE]")]
    C,
    #[sse(event = "d")]
    D,
    #[sse(event = "ab")]
    E,
    #[sse(event = "true")]
    F,
}

fn main() {}
