use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Placed {
        #[sse(id)]
        order: u64,
        #[sse(id)]
        version: u64,
        #[sse(id)]
        third: u64,
    },
}

fn main() {}
