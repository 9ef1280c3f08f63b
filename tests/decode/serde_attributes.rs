//! `#[serde(...)]` on fields means what it means to a derived `Deserialize`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use typed_sse::{FromSseEvent, SseEvent};

use crate::{comes_back, error, typed, wire};

mod tens {
    use super::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        (u32::from(*value) * 10).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        let tens = u32::deserialize(deserializer)?;
        u8::try_from(tens / 10).map_err(|_| serde::de::Error::custom("too many"))
    }
}

fn by_length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    Ok(String::deserialize(deserializer)?.len())
}

fn as_text<S: Serializer>(length: &usize, serializer: S) -> Result<S::Ok, S::Error> {
    "x".repeat(*length).serialize(serializer)
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[serde(rename_all_fields = "camelCase")]
enum Attributes {
    Named {
        field_name: u8,
        #[serde(rename = "a \"b\"", alias = "old", alias = "older")]
        renamed: u8,
        #[serde(rename(serialize = "same", deserialize = "same"))]
        sides: u8,
    },
    With {
        #[serde(with = "tens")]
        tens: u8,
        #[serde(serialize_with = "as_text", deserialize_with = "by_length")]
        length: usize,
    },
    WithAlone(#[serde(with = "tens")] u8),
    Missing {
        option: Option<u8>,
        #[serde(default)]
        default: u8,
        #[serde(default = "nine", skip_serializing_if = "is_nine")]
        nine: u8,
        #[serde(skip)]
        skipped: u8,
    },
    #[serde(rename_all = "UPPERCASE")]
    Upper {
        loud: Option<Option<u8>>,
    },
}

fn nine() -> u8 {
    9
}

fn is_nine(nine: &u8) -> bool {
    *nine == 9
}

#[test]
fn names_functions_and_defaults() {
    comes_back(&Attributes::Named { field_name: 1, renamed: 2, sides: 3 });
    comes_back(&Attributes::With { tens: 4, length: 5 });
    comes_back(&Attributes::WithAlone(6));
    comes_back(&Attributes::Missing { option: None, default: 1, nine: 9, skipped: 0 });
    comes_back(&Attributes::Missing { option: Some(1), default: 0, nine: 8, skipped: 0 });
    comes_back(&Attributes::Upper { loud: Some(Some(1)) });
    let missing = Attributes::Missing { option: None, default: 0, nine: 9, skipped: 0 };
    assert_eq!(typed::<Attributes>("event: missing\ndata: {\"skipped\":5}\n\n").unwrap(), missing);
    let old = "event: named\ndata: {\"fieldName\":1,\"older\":2,\"same\":3}\n\n";
    assert_eq!(typed::<Attributes>(old).unwrap(), Attributes::Named { field_name: 1, renamed: 2, sides: 3 });
    let error = error::<Attributes>("event: with\ndata: {\"tens\":5000,\"length\":\"\"}\n\n");
    assert!(error.contains("field `tens`, from its data: too many"), "{error}");
    assert!(typed::<Attributes>("event: with\ndata: {\"tens\":50}\n\n").is_err());
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Meta {
    by: String,
    at: u64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Tagged {
    Plain,
    Big { number: u64 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Outside {
    Left(u8),
    Right { x: u8 },
    Pair(u8, u8),
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Flat {
    All {
        own: u8,
        #[serde(flatten)]
        meta: Meta,
        #[serde(flatten)]
        tagged: Tagged,
        #[serde(flatten)]
        outside: Outside,
        #[serde(flatten)]
        more: BTreeMap<String, serde_json::Value>,
    },
    Maybe {
        #[serde(flatten)]
        meta: Option<Meta>,
        own: u8,
    },
}

#[test]
fn flattened_fields() {
    for (tagged, outside) in [
        (Tagged::Plain, Outside::Left(1)),
        (Tagged::Big { number: 5 }, Outside::Right { x: 2 }),
        (Tagged::Plain, Outside::Pair(1, 2)),
    ] {
        let sent = Flat::All {
            own: 1,
            meta: Meta { by: "b".into(), at: 2 },
            tagged,
            outside,
            more: BTreeMap::new(),
        };
        // A map sees what nobody has taken; a tag is read, not taken.
        let Flat::All { more, meta, tagged, outside, .. } = typed(&wire(&sent)).unwrap() else {
            panic!("another")
        };
        assert!(more.contains_key("kind") && !more.contains_key("by") && !more.contains_key("own"));
        assert_eq!(Flat::All { own: 1, more: BTreeMap::new(), meta, tagged, outside }, sent);
    }
    comes_back(&Flat::Maybe { meta: Some(Meta { by: "b".into(), at: 2 }), own: 1 });
    comes_back(&Flat::Maybe { meta: None, own: 1 });
    assert_eq!(
        typed::<Flat>("event: maybe\ndata: {\"own\":1,\"by\":\"b\"}\n\n").unwrap(),
        Flat::Maybe { meta: None, own: 1 }
    );
    let wrong = "event: all\ndata: {\"own\":1,\"by\":\"b\",\"at\":[],\"kind\":\"plain\",\"left\":1}\n\n";
    let error = typed::<Flat>(wrong).unwrap_err();
    assert_eq!(error.field(), Some("at"), "{error}");
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    font_size: u8,
    theme: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { font_size: 12, theme: "dark".into() }
    }
}

#[test]
fn attributes_of_a_struct() {
    comes_back(&Settings { font_size: 9, theme: "light".into() });
    let half = typed::<Settings>("event: settings\ndata: {\"font-size\":9}\n\n").unwrap();
    assert_eq!(half, Settings { font_size: 9, ..Settings::default() });
    assert!(error::<Settings>("event: settings\ndata: {\"new\":9}\n\n").contains("unknown field `new`"));
}

/// Text of JSON comes back as it was.
#[derive(Debug, SseEvent, FromSseEvent)]
struct Raw {
    before: Box<RawValue>,
    #[serde(flatten)]
    rest: BTreeMap<String, Box<RawValue>>,
}

#[test]
fn raw_values() {
    let sent = "event: raw\ndata: {\"before\":[1, 2.50],\"a\":{\"b\" :1e9}}\n\n";
    assert_eq!(wire(&typed::<Raw>(sent).unwrap()), sent);
}
