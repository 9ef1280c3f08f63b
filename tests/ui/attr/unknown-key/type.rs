use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(renameall = "kebab-case", prefx = "a.", colour = "red", event = "x")]
enum Event {
    Ping,
}

fn main() {}
