use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Placed {
        #[sse(key = |order| order % 7)]
        order: u64,
        customer: u64,
        #[sse(retry)]
        soon: std::time::Duration,
        #[sse(skip)]
        late: std::time::Duration,
    },
    #[sse(retry = 1)]
    Cancelled(#[sse(skip)] std::time::Duration),
}

fn main() {}
