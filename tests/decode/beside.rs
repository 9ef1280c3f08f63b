//! What comes from beside the data: the event ID, the reconnection time, the event type; and what does not come at all.

use std::sync::Arc;
use std::time::Duration;

use typed_sse::{Event, EventId, EventType, FromEventErrorKind, FromSseEvent, SseEvent};

use crate::{comes_back, error, typed, wire};

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Ids {
    InTheData {
        #[sse(id)]
        seq: u64,
    },
    Beside {
        #[sse(id, skip)]
        seq: u64,
        text: String,
    },
    Maybe {
        #[sse(id, skip)]
        seq: Option<u64>,
    },
    Unlisted(#[sse(id)] String, #[sse(data)] u8),
    Projected {
        #[sse(id = |pair| pair.0)]
        pair: (u8, u8),
    },
    Named {
        #[sse(id, skip)]
        name: String,
    },
    Live {
        #[sse(id, or_ephemeral, skip)]
        seq: Option<u64>,
    },
}

#[test]
fn the_event_id() {
    comes_back(&Ids::InTheData { seq: 7 });
    comes_back(&Ids::Beside { seq: 7, text: "t".into() });
    comes_back(&Ids::Maybe { seq: Some(7) });
    comes_back(&Ids::Unlisted("a b".into(), 5));
    comes_back(&Ids::Projected { pair: (1, 2) });
    comes_back(&Ids::Named { name: "n".into() });
    comes_back(&Ids::Live { seq: Some(1) });
}

/// The last event ID is that of the event before it.
#[test]
fn no_id_is_not_the_id_of_an_earlier_event() {
    comes_back(&Ids::Maybe { seq: None });
    comes_back(&Ids::Live { seq: None });
    let missing = typed::<Ids>("event: beside\ndata: {\"text\":\"t\"}\n\n").unwrap_err();
    assert_eq!((missing.kind(), missing.field()), (FromEventErrorKind::Id, Some("seq")));
    assert_eq!(
        missing.to_string(),
        "event `beside` cannot be read as `Beside`: field `seq`, from its event ID: the event has none, and the field is no `Option`"
    );
    assert_eq!(
        error::<Ids>("event: maybe\nid: x\ndata: {}\n\n"),
        "event `maybe` cannot be read as `Maybe`: field `seq`, from its event ID: invalid digit found in string, in \"x\""
    );
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Times {
    Fixed {
        #[sse(retry)]
        back_in: Duration,
    },
    Maybe(#[sse(retry)] Option<Duration>),
    #[sse(retry = 5)]
    Constant,
}

#[test]
fn the_reconnection_time() {
    comes_back(&Times::Fixed { back_in: Duration::from_millis(1500) });
    comes_back(&Times::Maybe(Some(Duration::from_secs(2))));
    comes_back(&Times::Maybe(None));
    comes_back(&Times::Constant);
    let missing = typed::<Times>("event: fixed\ndata: {}\n\n").unwrap_err();
    assert_eq!((missing.kind(), missing.field()), (FromEventErrorKind::Retry, Some("back_in")));
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[sse(rename_all = "kebab-case")]
enum Kinds {
    Any {
        #[sse(event)]
        kind: EventType,
        value: u8,
    },
    KnownOne {
        value: u8,
    },
}

#[test]
fn the_event_type() {
    let kind = EventType::new("weather").unwrap();
    comes_back(&Kinds::Any { kind, value: 1 });
    // The one that has a name comes first.
    comes_back(&Kinds::KnownOne { value: 1 });
    assert!(Kinds::knows("anything"));
    // And its mistakes are no other event.
    assert!(error::<Kinds>("event: known-one\ndata: {}\n\n").contains("missing field `value`"));
}

#[derive(Debug, Default, PartialEq, SseEvent, FromSseEvent)]
#[sse(event = "kept")]
struct Kept {
    #[sse(key, skip)]
    key: String,
    #[sse(skip)]
    note: Option<u8>,
    #[serde(skip, default = "seven")]
    seven: u8,
    sent: u8,
}

fn seven() -> u8 {
    7
}

#[test]
fn what_is_not_sent_is_its_default() {
    let kept = Kept { key: "k".into(), note: Some(1), seven: 1, sent: 2 };
    let read: Kept = typed(&wire(&kept)).unwrap();
    assert_eq!(read, Kept { seven: 7, sent: 2, ..Kept::default() });
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Formats {
    #[sse(text)]
    Text(String),
    #[sse(text)]
    Shared(Arc<str>),
    #[sse(text)]
    Boxed {
        #[sse(id, skip)]
        seq: u8,
        text: Box<str>,
    },
    #[sse(text)]
    Own(Word),
    #[sse(base64)]
    Bytes(Vec<u8>),
    #[sse(base64)]
    Array([u8; 2]),
    #[sse(text = "[DONE]")]
    Done,
}

/// One word, checked where it is made.
#[derive(Debug, PartialEq)]
struct Word(String);

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Word {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text.contains(' ') { Err("more than one word") } else { Ok(Self(text)) }
    }
}

#[test]
fn text_and_bytes() {
    for text in ["", "a", "a\nb", "\n", " é\n\n"] {
        comes_back(&Formats::Text(text.into()));
        comes_back(&Formats::Shared(text.into()));
        comes_back(&Formats::Boxed { seq: 1, text: text.into() });
    }
    comes_back(&Formats::Own(Word("one".into())));
    comes_back(&Formats::Bytes(vec![0, 255, 10]));
    comes_back(&Formats::Array([1, 2]));
    comes_back(&Formats::Done);
    assert!(
        error::<Formats>("event: own\ndata: two words\n\n").contains(": its data: more than one word, in")
    );
    assert!(error::<Formats>("event: array\ndata: AA==\n\n").contains("1 bytes do not fit"));
    assert!(error::<Formats>("event: bytes\ndata: ?\n\n").contains("Invalid symbol"));
    assert!(error::<Formats>("event: done\ndata: x\n\n").contains("expected the text \"[DONE]\""));
}

#[test]
fn an_untyped_event_is_read_as_it_was_sent() {
    comes_back(&Event::new("x"));
    let event = Event::new("a\nb").with_event_type(EventType::from_static("e"));
    comes_back(&event.with_id(EventId::new("1").unwrap()).with_retry(Duration::from_millis(3)));
}
