use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case")]
enum Event {
    #[sse(event = "a")]
    A,
    #[sse(event = "b")]
    B,
    #[sse(retry = 3000)]
    C,
    D {
        #[sse(id)]
        seq: u64,
        #[sse(key)]
        key: u64,
    },
    #[sse { event = "e" }]
    E,
    #[sse[event = "f", text = "x"]]
    F,
}

fn main() {}
