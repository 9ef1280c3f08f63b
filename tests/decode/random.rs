//! Random values of many shapes, there and back.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use typed_sse::{EventType, FromSseEvent, SseEvent};

use crate::comes_back;

/// What can stand in the field `id`: a line without U+0000.
fn id() -> impl Strategy<Value = String> {
    "[^\r\n\0]{1,20}"
}

/// Line breaks arrive as LF.
fn text() -> impl Strategy<Value = String> {
    "[^\r]{0,40}".prop_map(|text| text.replace('\r', ""))
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    name: String,
    count: i64,
    tags: Vec<Option<String>>,
}

fn item() -> impl Strategy<Value = Item> {
    (any::<String>(), any::<i64>(), any::<Vec<Option<String>>>()).prop_map(|(name, count, tags)| Item {
        name,
        count,
        tags,
    })
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[sse(rename_all = "kebab-case", prefix = "x.")]
enum Shapes {
    Object {
        #[sse(id)]
        seq: u64,
        #[sse(key)]
        key: String,
        #[serde(rename = "\"")]
        item: Item,
    },
    Beside {
        #[sse(id, skip)]
        id: String,
        #[sse(retry)]
        retry: Option<Duration>,
        value: f64,
    },
    MaybeId {
        #[sse(id, skip)]
        id: Option<String>,
        b: bool,
    },
    Value(Item),
    Tuple((i8, u64, char)),
    Optional(Option<String>),
    Map(BTreeMap<String, u8>),
    Unit,
    Marked(#[sse(id)] u32, #[sse(data)] Vec<String>),
    #[sse(text)]
    Text(String),
    #[sse(base64)]
    Bytes {
        #[sse(id, skip)]
        seq: u8,
        bytes: Vec<u8>,
    },
    Flat {
        #[serde(flatten)]
        item: Item,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<u8>,
    },
    #[sse(transparent)]
    Inside(Whole),
    Envelope(#[sse(id)] u64, #[sse(transparent)] Box<Open>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize, SseEvent, FromSseEvent)]
#[serde(tag = "t", content = "c")]
#[sse(data = self)]
enum Whole {
    A(Item),
    B { b: String },
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
struct Open {
    #[sse(event)]
    kind: EventType,
    data: String,
}

fn shapes() -> impl Strategy<Value = Shapes> {
    let float = any::<f64>().prop_filter("JSON has no such number", |value| value.is_finite());
    let kind = "y[^\r\n]{0,10}".prop_map(|kind| EventType::new(kind).unwrap());
    let one = prop_oneof![
        (any::<u64>(), any::<String>(), item()).prop_map(|(seq, key, item)| Shapes::Object {
            seq,
            key,
            item
        }),
        (id(), any::<Option<u32>>(), float).prop_map(|(id, retry, value)| {
            Shapes::Beside { id, retry: retry.map(|ms| Duration::from_millis(ms.into())), value }
        }),
        (prop::option::of(id()), any::<bool>()).prop_map(|(id, b)| Shapes::MaybeId { id, b }),
        item().prop_map(Shapes::Value),
        any::<(i8, u64, char)>().prop_map(Shapes::Tuple),
        any::<Option<String>>().prop_map(Shapes::Optional),
        any::<BTreeMap<String, u8>>().prop_map(Shapes::Map),
    ];
    let other = prop_oneof![
        Just(()).prop_map(|()| Shapes::Unit),
        any::<(u32, Vec<String>)>().prop_map(|(id, data)| Shapes::Marked(id, data)),
        text().prop_map(Shapes::Text),
        any::<(u8, Vec<u8>)>().prop_map(|(seq, bytes)| Shapes::Bytes { seq, bytes }),
        (item(), any::<Option<u8>>()).prop_map(|(item, more)| Shapes::Flat { item, more }),
        item().prop_map(|item| Shapes::Inside(Whole::A(item))),
        any::<String>().prop_map(|b| Shapes::Inside(Whole::B { b })),
        (any::<u64>(), kind, any::<String>())
            .prop_map(|(id, kind, data)| Shapes::Envelope(id, Box::new(Open { kind, data }))),
    ];
    prop_oneof![one, other]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_was_sent_reads_back_equal(event in shapes()) {
        comes_back(&event);
    }

    /// Nothing that a server sends makes a client panic.
    #[test]
    fn any_data_is_a_value_or_an_error(
        event_type in "x\\.(object|beside|value|flat|bytes|envelope)|A|B|[a-z]{0,3}",
        data in "[\\[\\]{}:,\" \\\\a-c0-9.]{0,30}|\\{\"\\\\\"\":[^\r]{0,20}\\}",
    ) {
        let lines: String = data.split('\n').map(|line| format!("data: {line}\n")).collect();
        let _ = crate::typed::<Shapes>(&format!("event: {event_type}\n{lines}\n"));
    }
}
