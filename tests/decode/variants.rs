//! How a variant is found, and generic types.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent};

use crate::{comes_back, error, typed};

mod names {
    pub(crate) const DONE: &str = "done";
    pub(crate) static STATIC: &str = "static";
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[sse(rename_all = "kebab-case", prefix = "a.")]
enum Named {
    ByRule(u8),
    #[sse(event = names::DONE)]
    Constant,
    #[sse(event = names::STATIC)]
    Static,
    #[sse(event = concat!("p", ".q"))]
    Concat(),
    #[sse(event = "message", explicit)]
    r#Message {},
    #[sse(event = "error")]
    Error(Vec<u8>),
}

#[test]
fn by_name() {
    for event in [
        Named::ByRule(1),
        Named::Constant,
        Named::Static,
        Named::Concat(),
        Named::Message {},
        Named::Error(vec![1]),
    ] {
        comes_back(&event);
    }
    for (name, is_known) in
        [("a.by-rule", true), ("by-rule", false), ("done", true), ("p.q", true), ("static", true)]
    {
        assert_eq!(Named::knows(name), is_known, "{name}");
    }
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[sse(untagged, event = "message")]
enum Untagged {
    Number(u32),
    #[sse(text = "[DONE]")]
    Done,
    Named {
        text: String,
    },
    Nothing,
    #[sse(text)]
    Anything(String),
}

#[test]
fn several_of_one_event_type_in_order() {
    for event in [
        Untagged::Number(1),
        Untagged::Named { text: "t".into() },
        Untagged::Nothing,
        Untagged::Done,
        Untagged::Anything("[DONE] ".into()),
        Untagged::Anything("5.5".into()),
    ] {
        comes_back(&event);
    }
}

/// The same data, and an ID beside it or none.
#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[sse(untagged, event = "message")]
enum ById {
    Plain(u32),
    Stored {
        #[sse(id, skip)]
        seq: u64,
        #[sse(data)]
        value: u32,
    },
    #[sse(text)]
    Text {
        #[sse(id, skip)]
        seq: Option<u8>,
        text: String,
    },
}

#[test]
fn an_id_tells_variants_apart() {
    for event in [
        ById::Plain(1),
        ById::Stored { seq: 2, value: 1 },
        ById::Text { seq: None, text: "a".into() },
        ById::Text { seq: Some(3), text: "a".into() },
    ] {
        comes_back(&event);
    }
    // One that is not read by the others has to be read by this one, whatever its ID is.
    assert_eq!(typed::<ById>("id: x\ndata: 1\n\n").unwrap(), ById::Plain(1));
    let error = error::<ById>("id: 300\ndata: a\n\n");
    assert_eq!(error.matches("`Plain`").count() + error.matches("`Stored`").count(), 2, "{error}");
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[allow(dead_code)]
enum Skipping {
    Sent(u8),
    #[sse(skip)]
    Internal(std::rc::Rc<u8>),
}

#[test]
fn what_is_never_sent_is_never_read() {
    comes_back(&Skipping::Sent(1));
    assert!(error::<Skipping>("event: internal\ndata: 5\n\n").contains("is not known"));
}

#[derive(Debug, PartialEq, Serialize, Deserialize, SseEvent, FromSseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Whole<'a, T> {
    Started {
        #[sse(id)]
        #[serde(skip)]
        seq: u64,
        item: T,
        text: Cow<'a, str>,
    },
    #[serde(skip)]
    #[sse(text = "[DONE]")]
    Done,
}

#[test]
fn a_type_that_reads_itself() {
    comes_back(&Whole::Started { seq: 7, item: vec![1_u8], text: "t".into() });
    comes_back(&Whole::<u8>::Done);
    let other = "event: Started\nid: 1\ndata: {\"type\":\"Ended\"}\n\n";
    assert!(error::<Whole<'_, u8>>(other).contains("unknown variant `Ended`"));
}

#[derive(Debug, PartialEq, Serialize, Deserialize, SseEvent, FromSseEvent)]
#[sse(data = self)]
enum Tags {
    A(u8),
    B(u8),
}

#[test]
fn the_event_type_and_the_tag_agree() {
    comes_back(&Tags::A(1));
    let error = error::<Tags>("event: A\ndata: {\"B\":1}\n\n");
    assert!(error.contains("serde reads it as a variant of another event type"), "{error}");
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Generic<'a, T, Id, S, B, E, const N: usize> {
    One(T),
    Many {
        items: Vec<T>,
        #[sse(id, skip)]
        id: Id,
    },
    #[sse(text)]
    Text(S),
    #[sse(base64)]
    Bytes(B),
    #[sse(transparent)]
    Nested(E),
    Array {
        array: [u8; 2],
        #[sse(skip)]
        length: PhantomData<[u8; N]>,
    },
    Cow {
        cow: Cow<'a, str>,
        marker: PhantomData<T>,
    },
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
struct Inner;

#[test]
fn bounds_are_inferred() {
    type Event = Generic<'static, u8, u64, String, Vec<u8>, Inner, 2>;
    for event in [
        Event::One(1),
        Event::Many { items: vec![1], id: 3 },
        Event::Text("x".into()),
        Event::Bytes(b"a".to_vec()),
        Event::Nested(Inner),
        Event::Array { array: [1, 2], length: PhantomData },
        Event::Cow { cow: "c".into(), marker: PhantomData },
    ] {
        comes_back(&event);
    }
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[sse(bound(
    serialize = "T: std::fmt::Display",
    deserialize = "T: std::str::FromStr<Err: std::fmt::Display>"
))]
struct Bound<T> {
    #[sse(id, skip)]
    seq: Option<T>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, SseEvent, FromSseEvent)]
enum Tree {
    Leaf(u8),
    Node { left: Box<Self>, right: Box<Self> },
}

#[test]
fn given_bounds_and_recursion() {
    comes_back(&Bound { seq: Some(7) });
    comes_back(&Bound::<u8> { seq: None });
    comes_back(&Tree::Node { left: Box::new(Tree::Leaf(1)), right: Box::new(Tree::Leaf(2)) });
    assert!(typed::<Tree>("event: leaf\ndata: 256\n\n").is_err());
}
