use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Placed {
        #[sse(key)]
        order: u64,
        #[sse(key)]
        customer: u64,
        #[sse(retry)]
        soon: std::time::Duration,
        #[sse(retry)]
        late: std::time::Duration,
    },
    #[sse(retry = 1)]
    Cancelled(#[sse(retry)] std::time::Duration),
}

fn main() {}
