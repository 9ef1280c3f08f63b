use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case" prefix = "a.")]
enum Event {
    #[sse(text retry = 3)]
    A(String),
    B {
        #[sse(id key)]
        seq: u64,
    },
    #[sse(event = "c"; text)]
    C(String),
    #[sse(event = "d". retry = 5)]
    D,
}

fn main() {}
