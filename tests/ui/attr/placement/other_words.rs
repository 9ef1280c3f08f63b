use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(default, skip_serializing)]
enum Event {
    #[sse(alias = "x", serialize_with = "f")]
    A,
    B {
        #[sse(skip_if = "x")]
        a: u8,
        #[sse(default)]
        b: u8,
        #[sse(last_event_id)]
        c: u8,
        #[sse(payload)]
        d: u8,
    },
    #[sse(comment = "x", raw)]
    C(String),
}

fn main() {}
