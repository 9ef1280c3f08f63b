use typed_sse::SseEvent;

#[derive(serde::Serialize)]
struct Found;

#[derive(SseEvent)]
enum Event {
    One(Found),
    Many { #[sse(id)] seq: u64, prices: Vec<Found> },
}

fn main() {}
