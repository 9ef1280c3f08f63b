use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    List(Vec<Missing>),
    Keys {
        #[sse(id)]
        seq: Option<Sequence>,
        #[sse(key, skip)]
        key: Option<Key>,
        #[sse(retry)]
        after: Option<Time>,
    },
    Data {
        #[sse(data)]
        data: [Data; 2],
        #[sse(skip)]
        skipped: Vec<Skipped>,
    },
    #[sse(transparent)]
    Boxed(Box<Inner>),
}

fn main() {}
