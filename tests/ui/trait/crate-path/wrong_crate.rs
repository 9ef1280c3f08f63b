mod events {
    use typed_sse::SseEvent;

    #[derive(SseEvent)]
    #[sse(crate = "std::fmt")]
    pub enum Event {
        Ping { #[sse(id)] seq: u64 },
    }

    #[derive(SseEvent)]
    #[sse(crate = "missing")]
    pub struct Pong(u8);
}

fn main() {}
