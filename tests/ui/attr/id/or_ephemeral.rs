use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Alone { #[sse(or_ephemeral)] seq: Option<u64> },
    OnKey { #[sse(key, or_ephemeral)] key: Option<u64> },
    #[sse(ephemeral)]
    Both { #[sse(id, or_ephemeral)] seq: Option<u64> },
    Value { #[sse(id, or_ephemeral = true)] seq: Option<u64> },
    #[sse(or_ephemeral)]
    Variant { #[sse(id)] seq: Option<u64> },
}

fn main() {}
