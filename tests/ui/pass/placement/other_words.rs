use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    A,
    B {
        a: u8,
        #[serde(default)]
        b: u8,
        #[sse(id)]
        c: u8,
        d: u8,
    },
    #[sse(text)]
    C(String),
}

fn main() {}
