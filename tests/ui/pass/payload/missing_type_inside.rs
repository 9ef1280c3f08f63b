use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    List(Vec<u8>),
    Keys {
        #[sse(id)]
        seq: Option<u64>,
        #[sse(key, skip)]
        key: Option<String>,
        #[sse(retry)]
        after: Option<std::time::Duration>,
    },
    Data {
        #[sse(data)]
        data: [u8; 2],
        #[sse(skip)]
        skipped: Vec<u8>,
    },
    #[sse(transparent)]
    Boxed(Box<Inner>),
}

#[derive(SseEvent)]
struct Inner;

fn main() {}
