use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(bound = "T: serde::Serialize")]
struct List<T>(T);

#[derive(SseEvent)]
#[sse(bound = "T: serde::Serialize,")]
struct Bare<T>(T);

#[derive(SseEvent)]
#[sse(bound = "Vec<T>: Sized, T: serde::Serialize")]
struct Where<T>(T);

#[derive(SseEvent)]
#[sse(bound = "T: serde::Serialize, U: Clone")]
struct Commas<T, U>(T, #[sse(skip)] U);

#[derive(SseEvent)]
struct Name<T>(T);

fn main() {}
