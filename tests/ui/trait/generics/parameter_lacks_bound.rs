use typed_sse::SseEvent;

struct Opaque;

#[derive(SseEvent)]
struct Event<T>(T);

fn needs_event<E: SseEvent>(_: E) {}

fn use_it() {
    needs_event(Event(Opaque));
}

fn main() {}
