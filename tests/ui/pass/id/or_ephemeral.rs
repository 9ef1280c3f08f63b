use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Alone { #[sse(id, or_ephemeral)] seq: Option<u64> },
    OnKey { #[sse(key)] key: Option<u64> },
    Both { #[sse(id, or_ephemeral)] seq: Option<u64> },
    Value { #[sse(id, or_ephemeral)] seq: Option<u64> },
    Variant { #[sse(id, or_ephemeral)] seq: Option<u64> },
}

fn main() {}
