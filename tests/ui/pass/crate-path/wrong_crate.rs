mod renamed {
    pub use typed_sse as sse;
}

mod events {
    use typed_sse::SseEvent;

    #[derive(SseEvent)]
    #[sse(crate = "crate::renamed::sse")]
    pub enum Event {
        Ping { #[sse(id)] seq: u64 },
    }

    #[derive(SseEvent)]
    #[sse(crate = "::typed_sse")]
    pub struct Pong(u8);
}

fn main() {}
