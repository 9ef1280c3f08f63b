use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Ping {
        #[serde(skip_serializing_if = "Option::is_none")]
        text: String,
        #[serde(skip_serializing_if = "Vec::len")]
        list: Vec<u8>,
    },
}

fn main() {}
