use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[sse(idd)]
        seq: u64,
        #[sse(ignore)]
        secret: u8,
    },
}

fn main() {}
