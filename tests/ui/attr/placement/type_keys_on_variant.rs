use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(rename_all = "kebab-case", crate = "sse")]
    Ping,
}

fn main() {}
