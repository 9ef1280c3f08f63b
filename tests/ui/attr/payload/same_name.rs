use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Renamed { #[serde(rename = "x")] a: u8, #[serde(rename = "x")] b: u8, x: u8 },
    #[serde(rename_all = "camelCase")]
    Rule { first_name: u8, firstName: u8 },
}

#[derive(SseEvent)]
struct Ping {
    r#type: u8,
    #[serde(rename = "type")]
    kind: u8,
}

fn main() {}
