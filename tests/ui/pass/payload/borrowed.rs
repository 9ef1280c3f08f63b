use typed_sse::SseEvent;

use std::fmt;

#[derive(serde::Serialize)]
struct Custom;

impl fmt::Display for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("custom")
    }
}

#[derive(SseEvent)]
enum Event<'a> {
    Keys {
        #[sse(id, skip)]
        id: &'a Custom,
        #[sse(key, skip)]
        key: &'a str,
        #[sse(retry)]
        retry: std::time::Duration,
    },
    #[sse(text)]
    Text(std::borrow::Cow<'a, str>),
    #[sse(base64)]
    Bytes(&'a [u8]),
    Value(&'a Custom),
}

fn main() {}
