use typed_sse::SseEvent;

#[derive(SseEvent)]
#[serde(rename_all = "camelcase", transparant, into = "String", remote = "Other", rename_all_fields = "kebab-case")]
struct Ping {
    first_name: u8,
}

#[derive(SseEvent)]
#[serde(transparent)]
struct Pair {
    a: u8,
    b: u8,
}

#[derive(SseEvent)]
#[serde(transparent)]
struct Nothing {}

fn main() {}
