use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = kebab-case, prefix = 'm')]
enum Event {
    #[sse(event = price)]
    A,
    #[sse(text = [DONE])]
    C,
    #[sse(event = "a" + "b")]
    E,
    #[sse(event = true)]
    F,
}

fn main() {}
