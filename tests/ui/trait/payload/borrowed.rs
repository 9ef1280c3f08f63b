use typed_sse::SseEvent;

struct Custom;

#[derive(SseEvent)]
enum Event<'a> {
    Keys {
        #[sse(id, skip)]
        id: &'a Custom,
        #[sse(key, skip)]
        key: &'a [u8],
        #[sse(retry)]
        retry: &'a std::time::Duration,
    },
    #[sse(text)]
    Text(std::borrow::Cow<'a, [u8]>),
    #[sse(base64)]
    Bytes(&'a u32),
    Value(&'a Custom),
}

fn main() {}
