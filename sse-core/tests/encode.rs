//! The encoder: legal by construction, and read back as it was written.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::fmt;
use std::time::Duration;

use proptest::prelude::*;
use serde::Serialize;
use serde_json::value::RawValue;
use typed_sse_core::{
    Decoder, EncodeError, EncodeErrorKind, Encoded, Encoder, Event, EventId, EventType, Frame, SseEvent,
};

/// An event whose fields are written by a closure.
struct By<F>(F);

impl<F: Fn(Encoder<'_>) -> Result<Encoded<'_>, EncodeError>> SseEvent for By<F> {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        (self.0)(encoder)
    }
}

fn by<F: Fn(Encoder<'_>) -> Result<Encoded<'_>, EncodeError>>(write: F) -> By<F> {
    By(write)
}

fn frame(write: impl Fn(Encoder<'_>) -> Result<Encoded<'_>, EncodeError>) -> Frame {
    By(write).to_frame().unwrap()
}

fn error(write: impl Fn(Encoder<'_>) -> Result<Encoded<'_>, EncodeError>) -> (&'static str, EncodeErrorKind) {
    let error = By(write).to_frame().unwrap_err();
    (error.field(), error.kind())
}

/// What a client dispatches: event type, data, last event ID.
fn dispatched(frame: &Frame) -> Vec<(String, String, String)> {
    let mut decoder = Decoder::new();
    let mut input = frame.as_ref();
    let mut events = Vec::new();
    while let Some(event) = decoder.next_event(&mut input).unwrap() {
        events.push((event.event_type.to_owned(), event.data.to_owned(), event.id.to_owned()));
    }
    events
}

fn data_of(frame: &Frame) -> String {
    let [(_, data, _)] = &dispatched(frame)[..] else { panic!("{frame:?} is not one event") };
    data.clone()
}

#[test]
fn fields_stand_in_the_order_of_the_wire() {
    const NOTE: EventType = EventType::from_static("note");
    let frame = frame(|encoder| {
        encoder.key("k")?.event_type(&NOTE)?.id(&7)?.retry(Duration::from_micros(1_500_999))?.json(&[1, 2])
    });
    assert_eq!(frame.as_ref(), b"event: note\nid: 7\nretry: 1500\ndata: [1,2]\n\n");
    assert_eq!((frame.event_type(), frame.id(), frame.key()), ("note", Some("7"), Some("k")));
    assert!(frame.is_event() && !frame.is_ephemeral() && !frame.is_tombstone());
}

#[test]
fn message_writes_no_event_field() {
    let frame = frame(|encoder| encoder.event_type(&EventType::MESSAGE)?.text("x"));
    assert_eq!(frame.as_ref(), b"data: x\n\n");
    assert_eq!(frame.event_type(), "message");
}

#[test]
fn message_is_written_out_where_it_is_wanted() {
    const NOTE: EventType = EventType::from_static("note");
    let explicit =
        |event_type: EventType| frame(|encoder| encoder.explicit_event_type(&event_type)?.id("1")?.text("x"));
    let message = explicit(EventType::MESSAGE);
    assert_eq!(message.as_ref(), b"event: message\nid: 1\ndata: x\n\n");
    assert_eq!((message.event_type(), message.id()), ("message", Some("1")));
    assert_eq!(dispatched(&message), dispatched(&frame(|encoder| encoder.id("1")?.text("x"))));
    assert_eq!(explicit(NOTE).as_ref(), b"event: note\nid: 1\ndata: x\n\n");

    let event = Event::new("x").with_id(EventId::new("1").unwrap());
    assert_eq!(event.clone().explicit().to_frame().unwrap(), message);
    assert_eq!(event.clone().explicit().event_type(), "message");
    assert_eq!(event.with_event_type(NOTE).explicit().to_frame().unwrap(), explicit(NOTE));
    // What is encoded already stays as it is.
    assert_eq!(frame(|encoder| message.encode(encoder)), message);
}

/// Each row is one at which an encoder of the field fails.
#[test]
fn text_arrives_as_it_was_but_for_its_line_ends() {
    for (text, arrives) in [
        ("", ""),
        (" ", " "),
        (" leading", " leading"),
        ("\ttab", "\ttab"),
        ("trailing\n", "trailing\n"),
        ("\n", "\n"),
        ("\n\n", "\n\n"),
        ("a\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("a\r\nb", "a\nb"),
        ("a\n\rb", "a\n\nb"),
        ("a\r\r\nb\r", "a\n\nb\n"),
        ("a\n\ndata: injected\n\n", "a\n\ndata: injected\n\n"),
        ("a\nevent: injected\nid: injected\nretry: 1", "a\nevent: injected\nid: injected\nretry: 1"),
        (": comment", ": comment"),
        ("\0", "\0"),
        ("\u{feff}mark", "\u{feff}mark"),
        ("a\u{2028}b\u{85}c", "a\u{2028}b\u{85}c"),
    ] {
        assert_eq!(data_of(&frame(|encoder| encoder.text(text))), arrives, "{text:?}");
    }
}

#[test]
fn json_with_line_breaks_of_its_own_is_still_one_event() {
    for (json, arrives) in [
        ("{\n  \"a\": 1\r\n}", "{\n  \"a\": 1\n}"),
        ("[1,\r2]", "[1,\n2]"),
        ("{\"a\":\"b\\nc\"}", "{\"a\":\"b\\nc\"}"),
    ] {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        assert_eq!(data_of(&frame(|encoder| encoder.json(&raw))), arrives);
        let object = frame(|encoder| encoder.object().field("a", &raw)?.field("b", &2)?.end());
        assert_eq!(data_of(&object), format!("{{\"a\":{arrives},\"b\":2}}"));
    }
}

#[test]
fn objects_are_json() {
    assert_eq!(frame(|encoder| encoder.object().end()).as_ref(), b"data: {}\n\n");
    let object = frame(|encoder| encoder.object().field("a", "x\ny")?.field("b", &Some(1.5))?.end());
    assert_eq!(object.as_ref(), b"data: {\"a\":\"x\\ny\",\"b\":1.5}\n\n");
}

#[test]
fn bytes_are_padded_base64() {
    for (bytes, text) in
        [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v"), (b"\xff\xfe\xfd", "//79")]
    {
        assert_eq!(frame(|encoder| encoder.base64(bytes)).as_ref(), format!("data: {text}\n\n").as_bytes());
    }
}

#[test]
fn an_illegal_id_is_an_error_that_names_it() {
    for (id, kind) in [
        ("", EncodeErrorKind::Empty),
        ("a\n", EncodeErrorKind::LineBreak),
        ("\r", EncodeErrorKind::LineBreak),
        ("a\ndata: injected\n\n", EncodeErrorKind::LineBreak),
        ("a\0", EncodeErrorKind::Null),
    ] {
        assert_eq!(error(|encoder| encoder.id(id)?.text("x")), ("id", kind), "{id:?}");
        assert_eq!(EventId::new(id).unwrap_err().kind(), kind, "{id:?}");
    }
}

#[test]
fn a_variant_that_is_never_sent_is_an_error_that_names_it() {
    let error = by(|_| Err(EncodeError::skipped("Job::Internal"))).to_frame().unwrap_err();
    assert_eq!((error.field(), error.kind()), ("event", EncodeErrorKind::Skipped));
    assert_eq!(
        error.to_string(),
        "`Job::Internal` is never sent: take `skip` off the variant, or do not hand it to a stream or a channel"
    );
}

#[test]
fn a_value_that_fails_is_an_error_with_its_source() {
    struct Fails;
    impl fmt::Display for Fails {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    impl Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no value today"))
        }
    }
    use std::error::Error as _;
    assert_eq!(error(|encoder| encoder.id(&Fails)?.text("x")), ("id", EncodeErrorKind::Value));
    assert_eq!(error(|encoder| encoder.key(&Fails)?.text("x")), ("key", EncodeErrorKind::Value));
    let failed = by(|encoder| encoder.object().field("a", &Fails)?.end()).to_frame().unwrap_err();
    assert_eq!(failed.field(), "data");
    assert!(failed.source().unwrap().to_string().contains("no value today"));
    assert!(failed.to_string().contains("no value today"));
}

#[test]
fn a_failed_event_leaves_nothing_for_the_next() {
    let _ = by(|encoder| encoder.key("secret")?.id("a\nb")?.text("x")).to_frame().unwrap_err();
    assert_eq!(Event::new("clean").to_frame().unwrap().as_ref(), b"data: clean\n\n");
}

#[test]
fn an_event_may_be_encoded_while_another_is() {
    struct Nested;
    impl Serialize for Nested {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let inner = Event::new("inner").to_frame().map_err(serde::ser::Error::custom)?;
            serializer.serialize_str(std::str::from_utf8(inner.as_ref()).unwrap())
        }
    }
    let outer = frame(|encoder| encoder.id("1")?.json(&Nested));
    assert_eq!(outer.as_ref(), b"id: 1\ndata: \"data: inner\\n\\n\"\n\n");
}

#[test]
fn an_event_of_any_length_is_one_event() {
    let text = "0123456789abcde\n".repeat(1 << 18);
    assert_eq!(data_of(&frame(|encoder| encoder.text(&text))), text);
}

#[test]
fn frames_and_wrappers_encode_alike() {
    let event = Event::new("x").with_id(EventId::new("1").unwrap());
    let frame = event.to_frame().unwrap();
    assert_eq!(<&Event as SseEvent>::to_frame(&&event).unwrap(), frame);
    assert_eq!(Box::new(event.clone()).to_frame().unwrap(), frame);
    assert_eq!(std::sync::Arc::new(event).to_frame().unwrap(), frame);
    assert_eq!(
        frame.to_frame().unwrap().as_ref().as_ptr(),
        frame.as_ref().as_ptr(),
        "a frame is shared, not copied"
    );
    assert_eq!(frame.clone().into_bytes().as_ptr(), frame.as_ref().as_ptr());
}

/// What a client makes of line breaks.
fn joined(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Text with many of the characters that could break a frame.
fn hostile() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            3 => prop::sample::select(vec!["\n", "\r", "\r\n", "\0", " ", ":", "\u{feff}", "data: x", "id", "\u{2028}"])
                .prop_map(str::to_owned),
            1 => any::<String>(),
        ],
        0..8,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_is_encoded_is_dispatched_as_one_event_or_refused(
        event_type in hostile(), id in hostile(), data in hostile(), retry in any::<Option<u64>>(),
    ) {
        let legal_type = EventType::new(event_type.clone());
        prop_assert_eq!(legal_type.is_err(), event_type.is_empty() || event_type.contains(['\r', '\n']));
        let legal_id = EventId::new(&id);
        prop_assert_eq!(legal_id.is_err(), id.is_empty() || id.contains(['\r', '\n', '\0']));

        let mut event = Event::new(data.clone());
        let mut expected = ("message".to_owned(), joined(&data), String::new());
        if let Ok(legal) = legal_type {
            event = event.with_event_type(legal);
            expected.0 = event_type;
        }
        if let Ok(legal) = legal_id {
            event = event.with_id(legal);
            expected.2 = id;
        }
        if let Some(ms) = retry {
            event = event.with_retry(Duration::from_millis(ms));
        }
        let frame = event.to_frame().unwrap();
        prop_assert_eq!(dispatched(&frame), [expected]);
        let mut decoder = Decoder::new();
        while decoder.next_event(&mut frame.as_ref()).unwrap().is_none() {}
        prop_assert_eq!(decoder.reconnection_time(), retry.map(Duration::from_millis));
    }

    #[test]
    fn json_comes_back(value in any::<Vec<(String, Option<f64>)>>()) {
        let data = data_of(&frame(|encoder| encoder.json(&value)));
        let expected = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(data, expected);
    }
}
