use typed_sse::SseEvent;

#[derive(SseEvent)]
#[serde(rename_all = "camelCase")]
struct Ping {
    first_name: u8,
}

#[derive(SseEvent)]
#[serde(transparent)]
struct Pair {
    a: u8,
    #[sse(skip)]
    b: u8,
}

#[derive(SseEvent)]
#[serde(transparent)]
struct Something {
    a: u8,
}

fn main() {}
