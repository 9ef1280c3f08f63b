use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "snake_case")]
enum Event {
    PingPong,
    Pingpong,
}

fn main() {}
