use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    /// A price.
    #[cfg(all())]
    #[sse(event = "x")]
    Price {
        /// The ID.
        #[sse(id)]
        /// Its end.
        seq: u64,
        #[doc = "None."]
        #[sse()]
        none: u8,
    },
    #[cfg(any())]
    Never,
    #[cfg_attr(all(), sse(retry = 1))]
    Halted,
}

fn main() {}
