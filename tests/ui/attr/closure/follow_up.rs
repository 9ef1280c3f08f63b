use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Placed(#[sse(id = |seq| seq., nonsense)] u64),
    #[sse(evnt = "x")]
    Paid,
}

fn send(event: &Event) {
    let _ = event.to_frame();
    needs_event(event);
}

fn needs_event<E: SseEvent>(_: &E) {}

fn main() {}
