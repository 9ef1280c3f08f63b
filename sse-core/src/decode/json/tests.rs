//! Whatever is taken, `serde_json` reads as the same value.

use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{read, read_first};

#[derive(Debug, PartialEq, Deserialize)]
struct All {
    unsigned: u64,
    small: i8,
    text: String,
    maybe: Option<Box<Self>>,
    #[serde(default)]
    list: Vec<(i64, char)>,
    shape: Shape,
}

#[derive(Debug, PartialEq, Deserialize)]
enum Shape {
    Unit,
    New(f64),
    Tuple(u8, String),
    Struct { single: f32, unit: () },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    A { x: f64 },
    B(BTreeMap<String, Value>),
    C,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Any {
    Number(i32),
    Float(f64),
    Bool(bool),
    Text(String),
    Tagged(Tagged),
    List(Vec<Self>),
    Null,
}

/// Errors of which nothing is said.
#[derive(Debug, PartialEq, Deserialize)]
struct Lenient {
    #[serde(deserialize_with = "or_none")]
    value: Option<u8>,
    next: Option<String>,
}

fn or_none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    Ok(u8::deserialize(deserializer).ok())
}

/// Reads both ways. What is taken has to be the same; whether it is, is returned.
fn agrees<T: DeserializeOwned + PartialEq + Debug>(text: &str) -> bool {
    let ours = read::<T>(text);
    if let Some(value) = &ours {
        let theirs = serde_json::from_str::<T>(text);
        assert_eq!(theirs.as_ref().ok(), Some(value), "{text:?}: {theirs:?}");
    }
    ours.is_some()
}

fn agrees_as_all(text: &str) -> [bool; 6] {
    [
        agrees::<Value>(text),
        agrees::<All>(text),
        agrees::<Tagged>(text),
        agrees::<Any>(text),
        agrees::<Lenient>(text),
        agrees::<BTreeMap<String, Vec<f32>>>(text),
    ]
}

#[test]
fn takes_what_servers_send() {
    let all = r#"{"unsigned":18446744,"small":-5,"text":"a\n\"b\" é \u00e9 \ud83d\ude00 \/","maybe":{"unsigned":0,
        "small":1,"text":"","maybe":null,"shape":"Unit"}, "list" : [ [1,"x"] , [-2,"\u0041"] ],
        "other": [1.5e3, true, {"a":{}}, []], "shape":{"Struct":{"unit":null,"single":0.1}}}"#;
    assert!(agrees::<All>(all));
    for shape in
        [r#""Unit""#, r#"{"Unit":null}"#, r#"{"New":3}"#, r#"{"New":-0.5E-7}"#, r#"{"Tuple":[1,"a"]}"#]
    {
        assert!(agrees::<Shape>(shape), "{shape}");
    }
    for tagged in [r#"{"kind":"A","x":2.5}"#, r#"{"a":[1,null],"kind":"B"}"#, r#"{"kind":"C"}"#] {
        assert!(agrees::<Tagged>(tagged), "{tagged}");
        assert!(agrees::<Any>(tagged), "{tagged}");
    }
    for any in ["1", "1.25", "true", "\"x\"", "null", " [1, \"a\", [] ] "] {
        assert!(agrees::<Any>(any), "{any}");
    }
    assert!(agrees::<Value>(&format!("\"{}\"", "long ".repeat(50))));
}

/// Also where a type swallows an error, of which the value then depends.
#[test]
fn leaves_the_rest() {
    for text in [
        "",
        " ",
        "-",
        "01",
        "-0",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e999",
        "0x1",
        "18446744073709551616",
        "99999999999999999999",
        "-9223372036854775808",
        "nul",
        "nulls",
        "true false",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"a\nb\"",
        "\"a\u{1}\"",
        "[",
        "[1",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{1:2}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1}}",
        "NaN",
        "Infinity",
        "'a'",
        "// x\n1",
        "\u{feff}1",
        "1\u{a0}",
    ] {
        assert_eq!(agrees_as_all(text), [false; 6], "{text:?}");
        assert_eq!(read_first::<Value>(&format!("[{text}")), None, "{text:?}");
    }
    for value in ["300", "-1", "\"a\"", "1.5", "null", "[]", "{}", "[1,", "99999999999999999999"] {
        let text = format!(r#"{{"value":{value},"next":"b"}}"#);
        assert!(!agrees::<Lenient>(&text), "{text}");
    }
    assert!(agrees::<Lenient>(r#"{"value":3,"next":null}"#));
    // `serde_json` itself has to read these, whatever it reads them as.
    assert!(read::<Box<serde_json::value::RawValue>>("1").is_none());
    assert!(read::<u128>("1").is_none() && read::<BTreeMap<u8, u8>>(r#"{"1":2}"#).is_none());
}

#[test]
fn opens_as_many_as_serde_json_does() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        for depth in [126, 127, 128, 10_000] {
            let text = format!("{}null{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(agrees::<Value>(&text), depth <= 127, "{depth}");
            assert_eq!(read::<serde::de::IgnoredAny>(&text).is_some(), depth <= 127);
        }
    }
}

#[test]
fn the_first_value_alone() {
    assert_eq!(read_first::<u8>(" 7 , 8"), Some((7, 2)));
    assert_eq!(read_first::<String>("\"a\"}"), Some(("a".to_owned(), 3)));
    assert_eq!(read_first::<Option<u8>>("null]"), Some((None, 4)));
}

/// A text that is JSON, or nearly.
fn text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<u64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(|value| format!("{value:?}")),
        "-?[0-9]{1,20}(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
        ".{0,20}".prop_map(|value| serde_json::to_string(&value).unwrap()),
        "\"([ -!#-\\[\\]-~é😀]|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}|\\\\ud[89ab][0-9a-f]{2}\\\\ud[c-f][0-9a-f]{2}){0,30}\"",
        Just("\"Unit\"".to_owned()),
    ];
    let name = prop_oneof![
        "[a-z]{0,3}",
        prop::sample::select(vec![
            "unsigned", "small", "text", "maybe", "list", "shape", "kind", "x", "value", "next", "New",
            "Tuple",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|values| format!("[{}]", values.join(", "))),
            prop::collection::vec((name.clone(), inner), 0..8).prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn agrees_with_serde_json(text in text()) {
        agrees_as_all(&text);
    }

    /// With a byte more, less or other than it had.
    #[test]
    fn agrees_on_what_is_broken(
        text in text(),
        at in any::<prop::sample::Index>(),
        with in prop::sample::select(vec!["", "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e", " ", "\n", "\u{0}", "é"]),
        takes in 0..2_usize,
    ) {
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let end = (at + takes).min(chars.len());
        chars.splice(at..end, with.chars());
        agrees_as_all(&String::from_iter(chars));
    }

    /// What is printed, comes back to the last bit.
    #[test]
    fn floats_come_back(double in any::<f64>(), single in any::<f32>()) {
        prop_assume!(double.is_finite() && single.is_finite());
        prop_assert_eq!(read::<f64>(&serde_json::to_string(&double).unwrap()), Some(double));
        prop_assert_eq!(read::<f32>(&serde_json::to_string(&single).unwrap()), Some(single));
    }
}
