use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(crate = typed_sse)]
struct Ping;

#[derive(SseEvent)]
#[sse(crate)]
struct Pong;

fn send() {
    let _ = Ping;
}

fn main() {}
