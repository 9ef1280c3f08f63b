//! Payloads of every shape that serde writes, as far as a schema can go wrong about it.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use typed_sse::{SseEvent, SseSchema};

/// One event per kind of shape.
#[derive(SseEvent, SseSchema)]
pub(crate) enum Shapes {
    Numbers {
        small: u8,
        negative: i64,
        huge: u64,
        half: f32,
        letter: char,
        no_number: f64,
    },
    Lists {
        many: Vec<Option<u8>>,
        three: [u8; 3],
        pair: (String, Plain),
        nested: Vec<Vec<Plain>>,
    },
    Maps {
        by_name: BTreeMap<String, Plain>,
        by_number: BTreeMap<u32, Option<bool>>,
    },
    Optional {
        absent: Option<Plain>,
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<Plain>,
        twice: Option<Box<Option<u8>>>,
    },
    Enums {
        outside: Outside,
        unit: Outside,
        inside: Inside,
        beside: Beside,
        untold: Untold,
        plain: Plain,
    },
    Flat {
        at: u64,
        #[serde(flatten)]
        more: Inside,
    },
    Loose {
        at: u64,
        #[serde(flatten)]
        rest: BTreeMap<String, bool>,
    },
    Newtype(Wrapper),
    Time(Duration),
    Nothing,
    List(Vec<Plain>),
    Maybe(Option<Plain>),
    #[sse(event = "renamed.with-dots")]
    Renamed {
        #[serde(rename = "class-name")]
        class: String,
        r#type: u8,
    },
    #[sse(terminal)]
    End,
}

/// What utoipa has no word for: fields of any name beside those of an enum.
#[derive(SseEvent, SseSchema)]
pub(crate) enum Mixed {
    Flat {
        at: u64,
        #[serde(flatten)]
        more: Inside,
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
    },
    #[sse(terminal)]
    End,
}

#[derive(Serialize, JsonSchema)]
pub(crate) enum Plain {
    One,
    Two,
}

#[derive(Serialize, JsonSchema)]
pub(crate) enum Outside {
    Unit,
    Newtype(u8),
    Tuple(u8, String),
    Struct { field: bool },
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind")]
pub(crate) enum Inside {
    Unit,
    Struct { field: bool },
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "t", content = "c")]
pub(crate) enum Beside {
    Newtype(Plain),
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Untold {
    Number(u8),
    Text(String),
    Struct { field: Plain },
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Wrapper(Plain);

impl Shapes {
    /// Each shape, some of them twice.
    pub(crate) fn all() -> Vec<Self> {
        let enums = |outside, inside, untold| Self::Enums {
            outside,
            unit: Outside::Unit,
            inside,
            beside: Beside::Newtype(Plain::One),
            untold,
            plain: Plain::Two,
        };
        vec![
            Self::Numbers {
                small: 255,
                negative: i64::MIN,
                huge: u64::MAX,
                half: 0.5,
                letter: 'ß',
                no_number: 1e300,
            },
            Self::Lists {
                many: vec![Some(1), None],
                three: [1, 2, 3],
                pair: ("a".into(), Plain::One),
                nested: vec![vec![], vec![Plain::Two]],
            },
            Self::Maps {
                by_name: BTreeMap::from([("a b".into(), Plain::One)]),
                by_number: BTreeMap::from([(7, None)]),
            },
            Self::Optional { absent: None, left_out: None, twice: Some(Box::new(Some(1))) },
            Self::Optional { absent: Some(Plain::One), left_out: Some(Plain::Two), twice: None },
            enums(Outside::Newtype(1), Inside::Unit, Untold::Number(1)),
            enums(Outside::Tuple(1, "a".into()), Inside::Struct { field: true }, Untold::Text("a".into())),
            enums(Outside::Struct { field: true }, Inside::Unit, Untold::Struct { field: Plain::One }),
            Self::Flat { at: 7, more: Inside::Unit },
            Self::Flat { at: 7, more: Inside::Struct { field: false } },
            Self::Loose { at: 7, rest: BTreeMap::from([("extra".into(), true)]) },
            Self::Newtype(Wrapper(Plain::Two)),
            Self::Time(Duration::from_millis(1500)),
            Self::Nothing,
            Self::List(vec![Plain::One, Plain::Two]),
            Self::Maybe(None),
            Self::Maybe(Some(Plain::One)),
            Self::Renamed { class: "a".into(), r#type: 1 },
            Self::End,
        ]
    }
}

impl Mixed {
    pub(crate) fn all() -> Vec<Self> {
        let flat = |more| Self::Flat { at: 7, more, rest: BTreeMap::from([("extra".into(), 1)]) };
        vec![flat(Inside::Unit), flat(Inside::Struct { field: true }), Self::End]
    }
}
