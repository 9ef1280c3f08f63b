use typed_sse::SseEvent;

#[derive(SseEvent)]
#[sse(rename_all = "kebapcase")]
enum Event {
    #[serde(rename_all = "title")]
    Ping { first_name: u8 },
}

fn main() {}
