use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all("kebab-case"))]
enum Event {
    #[sse(sse(event = "a"))]
    A,
    #[sse(event(name = "b"))]
    B,
    #[sse(retry(3000))]
    C,
    D {
        #[sse(field(id))]
        seq: u64,
        #[sse(id(key))]
        key: u64,
    },
    #[sse { event = "e" }]
    E,
    #[sse[event = "f",, text("x")]]
    F,
}

fn main() {}
