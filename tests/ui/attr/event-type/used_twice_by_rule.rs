use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "lowercase")]
enum Event {
    PingPong,
    Pingpong,
}

fn main() {}
