//! Without any name that Rust imports on its own.
#![no_implicit_prelude]

use ::typed_sse::{FromSseEvent, SseEvent};

#[derive(FromSseEvent, SseEvent)]
#[sse(prefix = "p.")]
enum Everything<'a, T> {
    Unit,
    /// Documented.
    #[sse(retry = 1)]
    Object {
        #[sse(id)]
        seq: u64,
        #[sse(key = |key| key.len())]
        key: ::std::borrow::Cow<'a, str>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        value: ::std::option::Option<T>,
    },
    #[sse(text)]
    Text(#[sse(id = ::std::string::String::len)] ::std::string::String),
    #[sse(base64, ephemeral)]
    Bytes(::std::vec::Vec<u8>),
    Retry(
        #[sse(retry)] ::std::time::Duration,
        #[serde(
            serialize_with = "::serde::Serialize::serialize",
            deserialize_with = "::serde::Deserialize::deserialize"
        )]
        u8,
    ),
    #[sse(transparent)]
    Nested(::std::boxed::Box<Inner>),
    #[sse(event = ::std::concat!("con", "stant"))]
    Constant,
    Named(#[sse(event)] ::typed_sse::EventType, u8),
    #[sse(skip)]
    Skipped,
}

#[derive(FromSseEvent, SseEvent)]
struct Inner;

#[derive(::serde::Serialize, ::serde::Deserialize, FromSseEvent, SseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Whole<T> {
    #[serde(rename = "one")]
    One {
        #[sse(id, or_ephemeral)]
        seq: ::std::option::Option<T>,
    },
}

#[derive(FromSseEvent, SseEvent)]
struct Envelope<T>(#[sse(id)] u8, #[sse(transparent)] Whole<T>);

#[test]
fn no_implicit_prelude() {
    type Event = Everything<'static, u8>;
    let value = ::std::option::Option::Some(1);
    let object = Event::Object { seq: 1, key: ::std::borrow::Cow::Borrowed("k"), value };
    ::std::assert_eq!(
        crate::wire(&object),
        "event: p.object\nid: 1\nretry: 1\ndata: {\"seq\":1,\"key\":\"k\",\"value\":1}\n\n"
    );
    ::std::assert_eq!(crate::wire(&Event::Unit), "event: p.unit\ndata: null\n\n");
    let text = Event::Text(::std::convert::From::from("abc"));
    ::std::assert_eq!(crate::wire(&text), "event: p.text\nid: 3\ndata: abc\n\n");
    let nested = Event::Nested(::std::boxed::Box::new(Inner));
    ::std::assert_eq!(crate::wire(&nested), "event: inner\ndata: null\n\n");
    let bytes = Event::Bytes(::std::vec![1]);
    ::std::assert_eq!(crate::wire(&bytes), "event: p.bytes\ndata: AQ==\n\n");
    let retry = Event::Retry(::std::time::Duration::from_secs(1), 5);
    ::std::assert_eq!(crate::wire(&retry), "event: p.retry\nretry: 1000\ndata: 5\n\n");
    ::std::assert_eq!(crate::wire(&Event::Constant), "event: constant\ndata: null\n\n");
    let named = Event::Named(::typed_sse::EventType::MESSAGE, 1);
    ::std::assert_eq!(crate::wire(&named), "data: 1\n\n");
    ::std::assert!(Event::Skipped.to_frame().is_err());
    let whole = Whole::One { seq: ::std::option::Option::Some(5) };
    let json = "{\"type\":\"one\",\"seq\":5}";
    ::std::assert_eq!(crate::wire(&whole), ::std::format!("event: one\nid: 5\ndata: {json}\n\n"));
    let envelope = Envelope(6, whole);
    ::std::assert_eq!(crate::wire(&envelope), ::std::format!("event: one\nid: 6\ndata: {json}\n\n"));
}
