use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Number { #[sse(id)] seq: u64 },
    Projected(#[sse(id = |text| text.is_empty().then(|| text.len()), or_ephemeral)] String),
}

fn main() {}
