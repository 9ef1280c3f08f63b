use typed_sse::SseEvent;

#[derive(SseEvent)]
#[serde(rename_all = "camelcase", transparent, into = "String", remote = "Other", rename_all_fields = "kebab-case")]
struct Ping {
    first_name: u8,
}

fn main() {}
