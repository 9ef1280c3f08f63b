use typed_sse::SseEvent;

const NAME: &str = "price";

#[derive(SseEvent)]
#[sse(rename_all = kebab-case, prefix = 'm')]
enum Event {
    #[sse(event = price)]
    A,
    #[sse(event = NAME)]
    B,
    #[sse(text = [DONE])]
    C,
    #[sse(event = format!("d"))]
    D,
    #[sse(event = "a" + "b")]
    E,
    #[sse(event = true)]
    F,
}

fn main() {}
