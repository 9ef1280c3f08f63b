use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(bound = "T: Serialise")]
struct Bound<T>(T);

#[derive(SseEvent)]
struct Where<T>(T)
where
    T: Serialise;

fn main() {}
