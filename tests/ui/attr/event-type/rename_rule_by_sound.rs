use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebab")]
#[serde(rename_all_fields = "CamelCase")]
enum Event {
    Ping { first_name: u8 },
    #[serde(rename_all = "screaming_snake")]
    Pong { first_name: u8 },
}

fn main() {}
