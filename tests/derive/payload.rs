//! Which field is the data, and in which format.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use typed_sse::SseEvent;

use crate::wire;

#[derive(Serialize)]
struct Point {
    x: i32,
    y: i32,
}

#[derive(SseEvent)]
enum Json {
    Unit,
    NoFields(),
    NoNames {},
    One(Point),
    Named {
        x: i32,
        r#type: Option<&'static str>,
        nested: Point,
    },
    AllSkipped(
        #[sse(skip)]
        #[allow(dead_code)]
        u8,
    ),
    AllNamedSkipped {
        #[sse(skip)]
        #[allow(dead_code)]
        a: u8,
    },
    Marked(#[allow(dead_code)] u8, #[sse(data)] Point),
    Rest(#[sse(id, skip)] u8, #[sse(retry)] std::time::Duration, Point),
    MarkedNamed {
        #[sse(id)]
        seq: u8,
        #[sse(data)]
        body: Point,
    },
}

#[test]
fn json() {
    let point = || Point { x: 1, y: -2 };
    for (event, expected) in [
        (Json::Unit, "event: unit\ndata: null\n\n"),
        (Json::NoFields(), "event: no_fields\ndata: null\n\n"),
        (Json::NoNames {}, "event: no_names\ndata: {}\n\n"),
        (Json::One(point()), "event: one\ndata: {\"x\":1,\"y\":-2}\n\n"),
        (
            Json::Named { x: 3, r#type: Some("t"), nested: point() },
            "event: named\ndata: {\"x\":3,\"type\":\"t\",\"nested\":{\"x\":1,\"y\":-2}}\n\n",
        ),
        (Json::AllSkipped(1), "event: all_skipped\ndata: null\n\n"),
        (Json::AllNamedSkipped { a: 1 }, "event: all_named_skipped\ndata: {}\n\n"),
        (Json::Marked(1, point()), "event: marked\ndata: {\"x\":1,\"y\":-2}\n\n"),
        (
            Json::Rest(7, std::time::Duration::from_millis(20), point()),
            "event: rest\nid: 7\nretry: 20\ndata: {\"x\":1,\"y\":-2}\n\n",
        ),
        (
            Json::MarkedNamed { seq: 7, body: point() },
            "event: marked_named\nid: 7\ndata: {\"x\":1,\"y\":-2}\n\n",
        ),
    ] {
        assert_eq!(wire(&event), expected);
    }
}

#[derive(SseEvent)]
enum Text<'a> {
    #[sse(text)]
    Owned(String),
    #[sse(text)]
    Borrowed(&'a str),
    #[sse(text)]
    Either { line: Cow<'a, str> },
    #[sse(text)]
    Shared(Arc<str>),
    #[sse(text)]
    Marked {
        #[sse(id)]
        seq: u64,
        #[sse(data)]
        line: String,
    },
    #[sse(text = "two\nlines")]
    Fixed,
    #[sse(text = "[DONE]")]
    FixedWithId {
        #[sse(id, skip)]
        seq: u64,
    },
}

#[test]
fn text() {
    for (event, expected) in [
        (Text::Owned("a\r\nb\rc\nd".into()), "event: owned\ndata: a\ndata: b\ndata: c\ndata: d\n\n"),
        (Text::Borrowed(" \"quoted\" "), "event: borrowed\ndata:  \"quoted\" \n\n"),
        (Text::Either { line: "".into() }, "event: either\ndata: \n\n"),
        (Text::Shared("x".into()), "event: shared\ndata: x\n\n"),
        (Text::Marked { seq: 1, line: "x".into() }, "event: marked\nid: 1\ndata: x\n\n"),
        (Text::Fixed, "event: fixed\ndata: two\ndata: lines\n\n"),
        (Text::FixedWithId { seq: 9 }, "event: fixed_with_id\nid: 9\ndata: [DONE]\n\n"),
    ] {
        assert_eq!(wire(&event), expected);
    }
}

#[derive(SseEvent)]
#[sse(text)]
struct Token(String);

#[derive(SseEvent)]
#[sse(base64)]
struct Audio<'a> {
    #[sse(id, skip)]
    seq: u32,
    samples: &'a [u8],
}

#[derive(SseEvent)]
enum Binary {
    #[sse(base64)]
    Array([u8; 4]),
    #[sse(base64)]
    Vec(Vec<u8>),
}

#[test]
fn base64_and_structs() {
    assert_eq!(wire(&Token("hi".into())), "event: token\ndata: hi\n\n");
    assert_eq!(wire(&Audio { seq: 4, samples: b"\0\xff" }), "event: audio\nid: 4\ndata: AP8=\n\n");
    assert_eq!(wire(&Binary::Array(*b"abcd")), "event: array\ndata: YWJjZA==\n\n");
    assert_eq!(wire(&Binary::Vec(Vec::new())), "event: vec\ndata: \n\n");
}

#[test]
fn line_breaks_in_json_strings_stay_escaped() {
    let event = Json::Named { x: 0, r#type: Some("a\r\nb"), nested: Point { x: 0, y: 0 } };
    assert!(wire(&event).contains(r#""type":"a\r\nb""#));
}

#[test]
fn what_cannot_be_json_is_an_error() {
    #[derive(SseEvent)]
    struct Pairs(std::collections::BTreeMap<(u8, u8), u8>);
    let error = Pairs([((1, 2), 3)].into()).to_frame().unwrap_err();
    assert_eq!(error.field(), "data");
    assert!(error.to_string().contains("key must be a string"), "{error}");
}
