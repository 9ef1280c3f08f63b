use serde::Serialize;
use typed_sse::SseEvent;

#[derive(Serialize, SseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Event {
    Placed { #[sse(id)] #[serde(skip)] seq: u64 },
    Noted { note: String, #[serde(skip_serializing)] #[sse(skip)] by: String },
}

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
struct Cancelled(#[serde(skip)] u64, u64);

fn main() {}
