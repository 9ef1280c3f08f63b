//! `data = self` and `data = fields`.

use std::borrow::Cow;
use std::time::Duration;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use typed_sse::{DataFormat, EncodeErrorKind, SseEvent};

use crate::{types, wire};

/// The data is what serde writes.
fn agrees(event: &(impl SseEvent + Serialize), fields: &str) {
    let json = serde_json::to_string(event).unwrap();
    assert_eq!(wire(event), format!("{fields}data: {json}\n\n"));
}

#[derive(Serialize)]
struct Usage {
    tokens: u8,
}

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[sse(data = self)]
enum Internally {
    TurnStarted {
        #[sse(id)]
        seq_no: u64,
        #[sse(key = |name| name.len())]
        #[serde(skip)]
        name: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        note: Option<u8>,
    },
    #[serde(rename = "turn/ended", alias = "ended")]
    TurnEnded {
        #[sse(retry)]
        back_in: Duration,
        #[serde(flatten)]
        usage: Usage,
    },
    #[serde(rename(serialize = "out", deserialize = "in"))]
    Sides(Usage),
    #[serde(rename(deserialize = "in"))]
    OneSide,
    #[serde(other)]
    r#LastOne,
}

#[test]
fn the_name_is_the_tag() {
    let started = Internally::TurnStarted { seq_no: 7, name: "abc".into(), note: None };
    assert_eq!(wire(&started), "event: turnStarted\nid: 7\ndata: {\"type\":\"turnStarted\",\"seqNo\":7}\n\n");
    assert_eq!(started.to_frame().unwrap().key(), Some("3"));
    // A `retry` field is part of what serde writes, unless serde skips it.
    let ended = Internally::TurnEnded { back_in: Duration::from_secs(2), usage: Usage { tokens: 1 } };
    assert_eq!(
        wire(&ended),
        "event: turn/ended\nretry: 2000\ndata: {\"type\":\"turn/ended\",\"backIn\":{\"secs\":2,\"nanos\":0},\"tokens\":1}\n\n"
    );
    agrees(&Internally::Sides(Usage { tokens: 1 }), "event: out\n");
    agrees(&Internally::OneSide, "event: oneSide\n");
    agrees(&Internally::LastOne, "event: lastOne\n");
    assert_eq!(types::<Internally>(), ["turnStarted", "turn/ended", "out", "oneSide", "lastOne"]);
}

#[derive(Serialize, SseEvent)]
#[serde(tag = "op", content = "d", rename_all(serialize = "SCREAMING-KEBAB-CASE"))]
#[sse(data = self)]
enum Adjacently {
    NoContent,
    Tuple(u8, u8),
    #[serde(with = "tens")]
    With(u8),
    Newtype(Vec<u8>),
    #[serde(untagged)]
    Bare {
        x: u8,
    },
}

mod tens {
    use serde::{Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        (u32::from(*value) * 10).serialize(serializer)
    }
}

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
enum Externally {
    Unit,
    Named { x: u8 },
    OneValue(u8),
}

#[derive(Serialize, SseEvent)]
#[serde(untagged, rename_all = "snake_case")]
#[sse(data = self)]
enum Untagged {
    TextDelta {
        text: String,
    },
    #[serde(rename = "end")]
    Ended(Option<u8>),
}

#[test]
fn all_representations() {
    agrees(&Adjacently::NoContent, "event: NO-CONTENT\n");
    agrees(&Adjacently::Tuple(1, 2), "event: TUPLE\n");
    agrees(&Adjacently::With(3), "event: WITH\n");
    agrees(&Adjacently::Newtype(vec![4]), "event: NEWTYPE\n");
    agrees(&Adjacently::Bare { x: 5 }, "event: BARE\n");
    // As written, where no rule says otherwise.
    agrees(&Externally::Unit, "event: Unit\n");
    agrees(&Externally::Named { x: 1 }, "event: Named\n");
    agrees(&Externally::OneValue(2), "event: OneValue\n");
    agrees(&Untagged::TextDelta { text: "a\nb".into() }, "event: text_delta\n");
    agrees(&Untagged::Ended(None), "event: end\n");
}

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename = "page.loaded", rename_all = "kebab-case")]
#[sse(data = self)]
struct Loaded<'a> {
    #[sse(id)]
    page_no: u8,
    #[serde(borrow)]
    title: Cow<'a, str>,
}

#[derive(Serialize, SseEvent)]
#[serde(transparent)]
#[sse(data = self)]
struct Transparent {
    only: u8,
}

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
struct Pair(#[sse(id)] u8, u8);

#[derive(Serialize, SseEvent)]
#[sse(data = self)]
struct Nothing;

#[derive(Clone, Copy, Serialize, SseEvent)]
#[serde(into = "u8")]
#[sse(data = self)]
enum Converted {
    One,
}

/// Serde converts the value before it asks which variant it is.
#[derive(Clone, Copy, Serialize, SseEvent)]
#[serde(into = "u8")]
#[sse(data = self)]
enum ConvertedAll {
    One,
    #[serde(skip)]
    Two,
    #[serde(skip_serializing)]
    Three,
    #[sse(skip)]
    #[allow(dead_code)]
    Four,
}

impl From<ConvertedAll> for u8 {
    fn from(converted: ConvertedAll) -> Self {
        converted as Self
    }
}

impl From<Converted> for u8 {
    fn from(converted: Converted) -> Self {
        converted as Self + 1
    }
}

#[test]
fn structs_and_conversions() {
    agrees(&Loaded { page_no: 7, title: "t".into() }, "event: page.loaded\nid: 7\n");
    agrees(&Transparent { only: 1 }, "event: Transparent\n");
    agrees(&Pair(1, 2), "event: Pair\nid: 1\n");
    agrees(&Nothing, "event: Nothing\n");
    assert_eq!(wire(&Converted::One), "event: One\ndata: 1\n\n");
    agrees(&ConvertedAll::One, "event: One\n");
    agrees(&ConvertedAll::Two, "event: Two\n");
    agrees(&ConvertedAll::Three, "event: Three\n");
    assert_eq!(types::<ConvertedAll>(), ["One", "Two", "Three"]);
}

/// The serialiser writes what it likes, and can write JSON over several lines.
#[derive(SseEvent)]
#[sse(data = self)]
enum ByHand<'a> {
    Raw(&'a serde_json::value::RawValue),
    Map {
        #[sse(id)]
        seq: u8,
    },
    /// For a derive of `Deserialize`; it is sent, since it has its name in full.
    #[serde(skip)]
    #[sse(event = "named", ephemeral)]
    Named,
    #[serde(skip)]
    #[allow(dead_code)]
    Skipped,
    Fails,
}

impl Serialize for ByHand<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Raw(raw) => raw.serialize(serializer),
            Self::Map { seq } => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("n", seq)?;
                map.end()
            }
            Self::Named | Self::Skipped => serializer.serialize_unit(),
            Self::Fails => Err(serde::ser::Error::custom("no")),
        }
    }
}

/// Serde's derive beside a `Serialize` by hand.
#[derive(Serialize, SseEvent)]
#[serde(remote = "Self", tag = "t", crate = "serde", bound = "")]
#[sse(data = self)]
enum Remote {
    A { x: u8 },
}

impl Serialize for Remote {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

#[test]
fn serialize_by_hand() {
    let raw = serde_json::value::RawValue::from_string("{\n\"a\": 1\r\n}".to_owned()).unwrap();
    assert_eq!(wire(&ByHand::Raw(&raw)), "event: Raw\ndata: {\ndata: \"a\": 1\ndata: }\n\n");
    agrees(&ByHand::Map { seq: 7 }, "event: Map\nid: 7\n");
    agrees(&ByHand::Named, "event: named\n");
    assert_eq!(types::<ByHand<'_>>(), ["Raw", "Map", "named", "Fails"]);
    assert_eq!(ByHand::Skipped.to_frame().unwrap_err().kind(), EncodeErrorKind::Skipped);
    let error = ByHand::Fails.to_frame().unwrap_err();
    assert_eq!((error.field(), error.kind()), ("data", EncodeErrorKind::Value));
    agrees(&Remote::A { x: 1 }, "event: A\n");
}

/// `Wrapper<T>` is `Serialize`, which its field would not show.
#[derive(SseEvent)]
#[sse(data = self)]
struct Wrapper<T, const N: usize> {
    #[sse(key)]
    key: T,
    #[allow(dead_code)]
    opaque: [Opaque; N],
}

struct Opaque;

impl<T: Copy + Into<u64>, const N: usize> Serialize for Wrapper<T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.key.into())
    }
}

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", bound(serialize = "T: Serialize + Clone"))]
#[sse(data = self)]
enum Tree<'a, T: ?Sized>
where
    &'a T: Clone,
{
    Leaf { value: &'a T },
    Node { children: Vec<Self> },
}

#[test]
fn generic_types() {
    agrees(&Wrapper { key: 7_u8, opaque: [Opaque] }, "event: Wrapper\n");
    let tree = Tree::Node { children: vec![Tree::Leaf { value: &1_u8 }] };
    agrees(&tree, "event: Node\n");
}

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename_all = "camelCase")]
#[sse(data = self, rename_all = "kebab-case", prefix = "chat.")]
enum Ours {
    #[serde(rename = "theirs")]
    NewMessage { text: u8 },
    #[sse(event = "error")]
    Error { code: u8 },
}

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename_all = "camelCase")]
#[sse(data = self, prefix = "chat.")]
enum Prefixed {
    NewMessage,
}

#[test]
fn our_names_override() {
    assert_eq!(
        wire(&Ours::NewMessage { text: 1 }),
        "event: chat.new-message\ndata: {\"type\":\"theirs\",\"text\":1}\n\n"
    );
    assert_eq!(wire(&Ours::Error { code: 1 }), "event: error\ndata: {\"type\":\"error\",\"code\":1}\n\n");
    assert_eq!(wire(&Prefixed::NewMessage), "event: chat.newMessage\ndata: {\"type\":\"newMessage\"}\n\n");
}

/// A `rename` of serde's is a name in full, and so can be one that `EventSource` has.
#[derive(Serialize, SseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Reserved {
    #[serde(rename = "error")]
    Failed { code: u8 },
    #[serde(rename(serialize = "open"))]
    Opened,
}

#[derive(Serialize, SseEvent)]
#[serde(tag = "type", rename = "error")]
#[sse(data = self)]
struct ReservedStruct {
    code: u8,
}

#[test]
fn error_and_open_by_name() {
    agrees(&Reserved::Failed { code: 1 }, "event: error\n");
    agrees(&Reserved::Opened, "event: open\n");
    agrees(&ReservedStruct { code: 1 }, "event: error\n");
}

/// A variant that says how it is sent is sent so.
#[derive(Serialize, SseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Mixed {
    Chunk {
        text: String,
    },
    #[serde(skip)]
    #[sse(text = "[DONE]")]
    Done,
    #[sse(text)]
    Log {
        #[sse(id, skip)]
        seq: u8,
        line: String,
    },
    #[sse(transparent)]
    Inner(Externally),
    #[serde(skip_serializing)]
    Secret,
    #[cfg(not(test))]
    Gone(DoesNotExist),
    #[cfg_attr(test, serde(rename = "configured"))]
    Attribute,
    #[sse(base64)]
    Audio {
        #[sse(id)]
        #[serde(skip)]
        seq: u8,
        samples: Vec<u8>,
    },
}

#[test]
fn variants_of_their_own_data() {
    agrees(&Mixed::Chunk { text: "a".into() }, "event: Chunk\n");
    assert_eq!(wire(&Mixed::Done), "event: Done\ndata: [DONE]\n\n");
    let log = Mixed::Log { seq: 1, line: "a\nb".into() };
    assert_eq!(wire(&log), "event: Log\nid: 1\ndata: a\ndata: b\n\n");
    assert_eq!(wire(&Mixed::Inner(Externally::Unit)), "event: Unit\ndata: \"Unit\"\n\n");
    agrees(&Mixed::Attribute, "event: configured\n");
    let audio = Mixed::Audio { seq: 1, samples: vec![0, 255] };
    assert_eq!(wire(&audio), "event: Audio\nid: 1\ndata: AP8=\n\n");
    // What serde does not write is never sent.
    assert!(Mixed::Secret.to_frame().is_err());
    assert_eq!(
        types::<Mixed>(),
        ["Chunk", "Done", "Log", "Unit", "Named", "OneValue", "configured", "Audio"]
    );
    let formats: Vec<_> = Mixed::EVENTS.iter().map(|spec| spec.format()).take(3).collect();
    assert_eq!(formats, [DataFormat::Json, DataFormat::Fixed("[DONE]"), DataFormat::Text]);
}

/// Serde's attributes are for a derive of `Deserialize`, and say nothing about the data.
#[derive(SseEvent)]
#[serde(tag = "type", content = "c", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[serde(into = "u8", remote = "Other", untagged, rename = "x")]
#[sse(data = fields)]
enum Fields {
    #[serde(rename = "renamed", untagged, with = "nothing")]
    FirstOne {
        #[serde(rename = "out")]
        a_field: u8,
        another_field: u8,
    },
    #[serde(skip)]
    Second(#[serde(rename = "x", getter = "get")] u8),
}

#[derive(SseEvent)]
#[serde(tag = "type", rename = "x", into = "u8", rename_all = "UPPERCASE")]
#[sse(data = fields)]
struct FieldsOfStruct {
    x: u8,
}

#[test]
fn data_of_fields() {
    let first = Fields::FirstOne { a_field: 1, another_field: 2 };
    assert_eq!(wire(&first), "event: first_one\ndata: {\"out\":1,\"anotherField\":2}\n\n");
    assert_eq!(wire(&Fields::Second(1)), "event: second\ndata: 1\n\n");
    assert_eq!(wire(&FieldsOfStruct { x: 1 }), "event: fields_of_struct\ndata: {\"X\":1}\n\n");
}

#[test]
fn a_type_from_macro_rules() {
    macro_rules! make {
        ($name:ident $(#[$attr:meta])*) => {
            #[derive(Serialize, SseEvent)]
            #[sse(data = self)]
            $(#[$attr])*
            enum $name { OneTwo { x: u8 } }
        };
    }
    make!(Made #[serde(tag = "t", rename_all = "kebab-case")]);
    agrees(&Made::OneTwo { x: 1 }, "event: one-two\n");
}
