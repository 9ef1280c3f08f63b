use typed_sse::FromSseEvent;

#[derive(FromSseEvent)]
#[serde(from = "u8")]
struct Opened {
    day: u8,
}

#[derive(FromSseEvent)]
#[serde(try_from = "u8")]
enum Market {
    Opened,
}

fn main() {}
