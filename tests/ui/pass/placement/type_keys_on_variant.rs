use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case", crate = "typed_sse")]
enum Event {
    Ping,
}

fn main() {}
