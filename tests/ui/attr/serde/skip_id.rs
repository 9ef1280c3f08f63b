use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Placed {
        #[sse(id)]
        #[serde(skip)]
        seq: u64,
    },
    Cancelled(#[serde(skip_serializing)] #[sse(id = |seq| seq + 1)] u64),
}

fn main() {}
