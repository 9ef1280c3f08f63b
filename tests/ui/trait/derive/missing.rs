use typed_sse::SseEvent;

enum Event {
    Ping,
}

fn send() {
    let _ = Event::Ping.to_frame();
    needs_event(&Event::Ping);
}

fn needs_event<E: SseEvent>(_: &E) {}

fn main() {}
