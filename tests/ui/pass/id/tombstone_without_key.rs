use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(tombstone)]
    Removed { #[sse(key)] symbol: String },
    Cleared,
}

fn main() {}
