use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Number { #[sse(id, or_ephemeral)] seq: u64 },
    Projected(#[sse(id = |text| text.len(), or_ephemeral)] String),
}

fn main() {}
