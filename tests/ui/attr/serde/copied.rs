use typed_sse::SseEvent;

#[derive(SseEvent)]
#[serde(tag = "event", content = "data", rename_all = "snake_case", deny_unknown_fields)]
enum Event {
    #[serde(rename = "price_changed", alias = "price")]
    Price {
        #[serde(default, rename = "p")]
        price: f64,
    },
    #[serde(skip_serializing)]
    Secret,
}

fn main() {}
