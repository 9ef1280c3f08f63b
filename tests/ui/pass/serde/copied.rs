use typed_sse::SseEvent;

#[derive(SseEvent)]
#[serde(deny_unknown_fields)]
enum Event {
    #[sse(event = "price_changed")]
    #[serde(alias = "price")]
    Price {
        #[serde(default, rename = "p")]
        price: f64,
    },
    Secret,
}

fn main() {}
