use typed_sse::SseEvent;

#[derive(SseEvent)]
enum Event {
    Temporary { #[sse(id = |name| name.to_lowercase().as_str())] name: String },
    Static { #[sse(key = |name: &'static String| name.len())] name: String },
}

fn main() {}
