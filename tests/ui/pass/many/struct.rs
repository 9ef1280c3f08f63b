use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case", retry = 1000)]
struct Ping {
    #[sse(id)]
    seq: u64,
    kind: u8,
    flag: bool,
}

fn needs_event(ping: &Ping) {
    let _ = ping.to_frame();
}

fn main() {}
