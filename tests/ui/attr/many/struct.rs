use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab", event = "", retry = 1s, txt)]
struct Ping {
    #[sse(id, id)]
    seq: u64,
    #[sse(event = "x")]
    kind: u8,
    #[serde(untagged)]
    flag: bool,
}

fn needs_event(ping: &Ping) {
    let _ = ping.to_frame();
}

fn main() {}
