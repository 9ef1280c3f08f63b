use typed_sse::SseEvent;

#[derive(SseEvent)]
#[serde(rename_all = "camelCase")]
struct Ping {
    first_name: u8,
}

fn main() {}
