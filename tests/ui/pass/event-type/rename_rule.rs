use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case")]
enum Event {
    #[serde(rename_all = "PascalCase")]
    Ping { first_name: u8 },
}

fn main() {}
