use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Placed {
        #[sse(id)]
        order: u64,
        version: u64,
        third: u64,
    },
}

fn main() {}
