use typed_sse::FromSseEvent;

#[derive(serde::Deserialize, FromSseEvent)]
#[serde(from = "u8")]
#[sse(data = self)]
struct Opened {
    #[allow(dead_code)]
    day: u8,
}

impl From<u8> for Opened {
    fn from(day: u8) -> Self {
        Self { day }
    }
}

#[derive(FromSseEvent)]
#[serde(try_from = "u8")]
#[sse(data = fields)]
enum Market {
    Opened,
}

fn main() {}
