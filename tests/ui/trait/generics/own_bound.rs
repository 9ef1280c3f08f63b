use typed_sse::SseEvent;

#[derive(SseEvent)]
struct Event<T: Clone>(T);

#[derive(serde::Serialize)]
struct Once;

fn send(event: &Event<Once>) {
    let _ = event.to_frame();
}

fn main() {}
