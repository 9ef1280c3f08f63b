use typed_sse::{Event, EventRef, FromSseEvent, SseEvent};

#[derive(SseEvent, FromSseEvent)]
struct Opened;

fn read<E: FromSseEvent>() -> Option<E> {
    E::from_event(&EventRef::from(&Event::new("null"))).ok()
}

fn main() {
    read::<Opened>();
}
