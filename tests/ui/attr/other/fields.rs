use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(other, transparent)]
    Both(typed_sse::Event),
}

#[derive(SseEvent)]
enum Fields {
    #[sse(other)]
    Unknown { event_type: String, data: String },
}

fn main() {}
