use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Placed(#[sse(id = |seq| seq.count_ones())] u64),
    #[sse(event = "x")]
    Paid,
}

fn send(event: &Event) {
    let _ = event.to_frame();
    needs_event(event);
}

fn needs_event<E: SseEvent>(_: &E) {}

fn main() {}
