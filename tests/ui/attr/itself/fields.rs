use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Event {
    Placed { #[sse(id, skip)] seq: u64 },
    Noted { #[sse(data)] note: String, by: String },
}

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
struct Cancelled(#[sse(skip)] u64, u64);

fn main() {}
