use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    /// A price.
    #[cfg(all())]
    #[sse(evnt = "x")]
    Price {
        /// The ID.
        #[sse(id)]
        /// Its end.
        #[sse(id /* again */)]
        seq: u64,
        #[doc = "None."]
        #[sse(,)]
        none: u8,
    },
    #[cfg(any())]
    #[sse(nonsense)]
    Never,
    #[cfg_attr(all(), sse(retry = "x"))]
    Halted,
}

fn main() {}
