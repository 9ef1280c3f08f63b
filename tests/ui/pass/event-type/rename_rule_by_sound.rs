use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab-case")]
#[serde(rename_all_fields = "camelCase")]
enum Event {
    Ping { first_name: u8 },
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    Pong { first_name: u8 },
}

fn main() {}
