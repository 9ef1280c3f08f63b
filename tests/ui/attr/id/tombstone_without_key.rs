use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    #[sse(tombstone)]
    Removed { symbol: String },
    #[sse(tombstone)]
    Cleared,
}

fn main() {}
