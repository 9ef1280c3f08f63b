use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Custom { #[sse(event)] kind: String, data: u8 },
}

#[derive(SseEvent)]
#[sse(explicit)]
struct Maybe(#[sse(event)] Option<typed_sse::EventType>, u8);

fn main() {}
