//! `#[serde(...)]` on variants and fields, without a derive of serde's.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};
use typed_sse::SseEvent;

use crate::wire;

mod hex {
    use serde::Serializer;

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{value:x}"))
    }
}

fn as_millis<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(value.as_millis())
}

fn wrapped<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("wrapped", value)])
}

/// Cannot be serialised.
struct Opaque;

#[derive(Serialize)]
struct Meta {
    user: &'static str,
    at: u64,
}

#[derive(Serialize)]
enum Level {
    Info,
    Custom { name: &'static str },
}

#[derive(SseEvent)]
#[serde(rename_all_fields = "camelCase")]
enum Fields {
    Renamed {
        #[serde(rename = "a \"b\" \\ \u{1}é\n")]
        escaped: u8,
        #[serde(rename(serialize = "out", deserialize = "in"))]
        sides: u8,
        #[serde(rename(deserialize = "in"))]
        one_side: u8,
        by_rule: u8,
    },
    #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
    OwnRule {
        by_rule: u8,
        #[serde(rename = "kept_as_is")]
        renamed: u8,
    },
    #[serde(rename_all(serialize = "PascalCase", deserialize = "lowercase"), alias = "x")]
    Sides {
        by_rule: u8,
    },
    Skipped {
        #[serde(skip)]
        #[allow(dead_code)]
        a: Opaque,
        #[serde(skip_serializing)]
        #[allow(dead_code)]
        b: Opaque,
        #[serde(skip_serializing_if = "Option::is_none")]
        c: Option<u8>,
        #[serde(default, skip_serializing_if = "<[u8]>::is_empty", skip_deserializing)]
        d: Vec<u8>,
    },
    With {
        #[serde(with = "hex")]
        a: u32,
        #[serde(serialize_with = "as_millis", deserialize_with = "whatever")]
        b: Duration,
        #[serde(serialize_with = "wrapped::<u8, _>")]
        c: u8,
    },
    WithAlone(#[serde(with = "hex")] u32),
    Flat {
        #[serde(flatten)]
        meta: Meta,
        own: u8,
        #[serde(flatten)]
        more: BTreeMap<String, u8>,
        #[serde(flatten, skip_serializing_if = "Option::is_none")]
        none: Option<Level>,
        #[serde(flatten)]
        level: Level,
        #[serde(flatten, serialize_with = "wrapped")]
        with: u8,
    },
    SkippedUnnamed(
        #[serde(skip)]
        #[allow(dead_code)]
        Opaque,
        u8,
    ),
}

#[test]
fn names() {
    for (event, expected) in [
        (
            Fields::Renamed { escaped: 1, sides: 2, one_side: 3, by_rule: 4 },
            r#"{"a \"b\" \\ \u0001é\n":1,"out":2,"oneSide":3,"byRule":4}"#,
        ),
        (Fields::OwnRule { by_rule: 1, renamed: 2 }, r#"{"BY-RULE":1,"kept_as_is":2}"#),
        (Fields::Sides { by_rule: 1 }, r#"{"ByRule":1}"#),
    ] {
        assert!(wire(&event).ends_with(&format!("\ndata: {expected}\n\n")), "{}", wire(&event));
    }
}

#[test]
fn values() {
    let flat = |level, more: &[(&str, u8)]| Fields::Flat {
        meta: Meta { user: "u", at: 1 },
        own: 2,
        more: more.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect(),
        none: None,
        level,
        with: 3,
    };
    for (event, expected) in [
        (Fields::Skipped { a: Opaque, b: Opaque, c: None, d: vec![] }, "{}"),
        (Fields::Skipped { a: Opaque, b: Opaque, c: Some(1), d: vec![2] }, r#"{"c":1,"d":[2]}"#),
        (
            Fields::With { a: 255, b: Duration::from_secs(1), c: 7 },
            r#"{"a":"ff","b":1000,"c":{"wrapped":7}}"#,
        ),
        (Fields::WithAlone(16), "\"10\""),
        (flat(Level::Info, &[]), r#"{"user":"u","at":1,"own":2,"Info":null,"wrapped":3}"#),
        (
            flat(Level::Custom { name: "n" }, &[("x", 1), ("y", 2)]),
            r#"{"user":"u","at":1,"own":2,"x":1,"y":2,"Custom":{"name":"n"},"wrapped":3}"#,
        ),
        (Fields::SkippedUnnamed(Opaque, 9), "9"),
    ] {
        assert!(wire(&event).ends_with(&format!("\ndata: {expected}\n\n")), "{}", wire(&event));
    }
}

#[test]
fn flattening_a_number_is_an_error() {
    #[derive(SseEvent)]
    struct Flat {
        #[serde(flatten)]
        number: u8,
    }
    let error = Flat { number: 1 }.to_frame().unwrap_err();
    assert!(error.to_string().contains("can only flatten structs and maps"), "{error}");
}

/// The same type with serde's own derive beside: their attributes agree.
#[derive(Serialize, SseEvent)]
#[serde(rename_all = "camelCase")]
struct Both {
    first_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(flatten)]
    meta: Meta,
}

#[test]
fn agrees_with_serde() {
    for last_name in [None, Some("b".to_owned())] {
        let both = Both { first_name: "a".to_owned(), last_name, meta: Meta { user: "u", at: 1 } };
        let json = serde_json::to_string(&both).unwrap();
        assert_eq!(wire(&both), format!("event: both\ndata: {json}\n\n"));
    }
}

/// What only concerns deserialising, beside serde's own derives or without.
#[derive(SseEvent)]
#[serde(bound(deserialize = "T: Default"), deny_unknown_fields)]
enum Deserialising<'a, T> {
    #[serde(alias = "lent", bound = "T: Default")]
    Lent {
        #[serde(borrow)]
        text: &'a str,
        #[serde(default = "Vec::new", alias = "items")]
        list: Vec<T>,
        #[serde(bound(serialize = "T: Serialize"), default, skip_deserializing)]
        value: Option<T>,
    },
}

#[test]
fn deserialising_is_let_through() {
    let lent = Deserialising::Lent { text: "t", list: vec![1], value: None };
    assert_eq!(wire(&lent), "event: lent\ndata: {\"text\":\"t\",\"list\":[1],\"value\":null}\n\n");
}

/// Each of them names or reads something when this is deserialised, and nothing when it is sent.
#[derive(SseEvent)]
#[serde(
    rename(deserialize = "In"),
    rename_all(deserialize = "UPPERCASE"),
    rename_all_fields(deserialize = "UPPERCASE"),
    variant_identifier,
    field_identifier,
    from = "u8",
    try_from = "u8",
    expecting = "an event",
    default,
    crate = "serde"
)]
enum OnlyRead {
    #[serde(
        rename(deserialize = "in"),
        rename_all(deserialize = "UPPERCASE"),
        other,
        borrow,
        skip_deserializing
    )]
    Named {
        #[serde(rename(deserialize = "in"))]
        by_rule: u8,
    },
}

#[derive(SseEvent)]
#[serde(rename(deserialize = "In"), rename_all(deserialize = "UPPERCASE"))]
struct OnlyReadStruct {
    by_rule: u8,
}

#[test]
fn names_for_deserialising_are_let_through() {
    assert_eq!(wire(&OnlyRead::Named { by_rule: 1 }), "event: named\ndata: {\"by_rule\":1}\n\n");
    let event = OnlyReadStruct { by_rule: 1 };
    assert_eq!(wire(&event), "event: only_read_struct\ndata: {\"by_rule\":1}\n\n");
}

#[derive(Serialize, SseEvent)]
#[serde(transparent)]
struct Newtype(u8);

#[derive(Serialize, SseEvent)]
#[serde(transparent)]
struct Named<T> {
    #[sse(id)]
    #[serde(with = "hex")]
    only: u32,
    #[serde(skip)]
    #[allow(dead_code)]
    hidden: Option<u8>,
    marker: std::marker::PhantomData<T>,
}

#[test]
fn a_transparent_struct_is_its_field() {
    assert_eq!(wire(&Newtype(7)), "event: newtype\ndata: 7\n\n");
    let named = Named::<u8> { only: 255, hidden: None, marker: std::marker::PhantomData };
    let json = serde_json::to_string(&named).unwrap();
    assert_eq!((wire(&named), json.as_str()), ("event: named\nid: 255\ndata: \"ff\"\n\n".into(), "\"ff\""));
}
