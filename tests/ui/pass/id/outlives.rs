use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Temporary { #[sse(id = |name| name.to_lowercase())] name: String },
    Static { #[sse(key = |name: &String| name.len())] name: String },
}

fn main() {}
