use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Renamed { #[serde(rename = "y")] a: u8, #[serde(rename = "z")] b: u8, x: u8 },
    #[serde(rename_all = "camelCase")]
    Rule { first_name: u8, lastName: u8 },
    Skipped { #[serde(rename = "x")] a: u8, #[sse(skip)] x: u8 },
}

#[derive(SseEvent)]
struct Ping {
    r#type: u8,
    #[serde(rename = "kind")]
    kind: u8,
}

fn main() {}
