use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(bound("T: Clone"))]
struct List<T>(T);

#[derive(SseEvent)]
#[sse(bound = T: Clone)]
struct Bare<T>(T);

#[derive(SseEvent)]
#[sse(bound = "where T: Clone")]
struct Where<T>(T);

#[derive(SseEvent)]
#[sse(bound = "T: Clone,, U: Clone")]
struct Commas<T, U>(T, #[sse(skip)] U);

#[derive(SseEvent)]
#[sse(bound = "T")]
struct Name<T>(T);

fn main() {}
