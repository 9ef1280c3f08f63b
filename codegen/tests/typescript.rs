//! The text of generated modules. That it compiles, and refuses what it must, is for the compiler: see `e2e/tests/typescript`.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use typed_sse::schema::SchemaCatalogue;
use typed_sse::{EventType, SseEvent, SseSchema};
use typed_sse_codegen::{Document, ErrorKind, Integers, TypeScript};

/// What a market says.
#[derive(SseEvent, SseSchema)]
#[allow(dead_code)]
enum Market {
    /// A price has changed.
    ///
    /// Often. */ alert(1)
    PriceChanged {
        /// Counts.
        #[sse(id)]
        seq: u64,
        symbol: String,
        price: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<Note>,
        #[serde(rename = "x-y")]
        #[deprecated]
        odd: (u8, bool),
        sides: BTreeMap<String, Vec<Option<Side>>>,
    },
    /// By its number.
    Traded(BTreeMap<String, (u64, u32)>),
    #[sse(text)]
    Line(String),
    #[sse(base64)]
    Audio(Vec<u8>),
    #[deprecated(note = "use `PriceChanged`")]
    Old(u64),
    #[sse(event = "message", text = "[DONE]", terminal)]
    Done,
    Plugin {
        #[sse(event)]
        kind: EventType,
        value: u8,
    },
}

/// A note, with others below it.
#[derive(Serialize, JsonSchema)]
struct Note {
    text: String,
    below: Vec<Self>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum Side {
    Bid,
    Ask,
}

/// Everything that is written by `Serialize` itself, without names.
#[derive(Serialize, JsonSchema, SseEvent, SseSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[sse(data = self, event = "message", untagged)]
#[allow(dead_code)]
enum Chat {
    TextDelta {
        text: String,
    },
    Stopped {
        reason: Option<String>,
    },
    #[sse(text = "[DONE]", terminal)]
    Done,
}

/// The part of a module in front of the client, which is the same everywhere.
fn front(module: &Document) -> &str {
    module.as_str().split("\n/** One event of a stream").next().unwrap()
}

/// The modules that the compiler and the browser are given, committed.
#[test]
fn modules_are_as_they_were() {
    let folder = Path::new("../e2e/generated");
    for (integers, name) in [
        (Integers::Number, "market.ts"),
        (Integers::String, "market-string.ts"),
        (Integers::BigInt, "market-bigint.ts"),
    ] {
        TypeScript::of::<Market>().with_integers(integers).check(folder.join(name)).unwrap();
    }
    TypeScript::of::<Market>().with_tabs().check(folder.join("market-tabs.js")).unwrap();
    TypeScript::of::<Chat>().check(folder.join("chat.ts")).unwrap();
}

#[test]
fn large_integers_by_choice() {
    for (integers, name) in
        [(Integers::Number, "number"), (Integers::String, "string"), (Integers::BigInt, "bigint")]
    {
        let module = TypeScript::of::<Market>().with_integers(integers).module().unwrap();
        assert!(module.as_str().contains(&format!("  seq: {name};\n")), "{}", module.as_str());
        assert_eq!(module.as_str().contains("function exact("), integers != Integers::Number);
    }
}

#[test]
fn what_nobody_could_tell_apart_is_an_error() {
    #[derive(Serialize, JsonSchema)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum Number {
        Large { n: u64 },
        Small { n: f32 },
    }

    #[derive(SseEvent, SseSchema)]
    #[allow(dead_code)]
    struct Counted {
        number: Number,
    }
    let error = TypeScript::of::<Counted>().with_integers(Integers::BigInt).module().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().starts_with("`n` is an integer of 64 bits or more in one case"), "{error}");
    TypeScript::of::<Counted>().module().unwrap();
}

#[test]
fn names_do_not_meet() {
    #[derive(Serialize, JsonSchema)]
    struct Stream {
        a: u8,
    }
    mod other {
        #[derive(serde::Serialize, schemars::JsonSchema)]
        pub(super) struct Stream {
            pub(super) b: u8,
        }
    }
    #[derive(SseEvent, SseSchema)]
    #[allow(dead_code)]
    enum Record {
        Stream { one: Stream, two: other::Stream },
        Class(Stream),
    }
    let module = TypeScript::of::<Record>().module().unwrap();
    for text in [
        "export interface Stream2 {\n  a: number;",
        "export interface Stream22 {\n  b: number;",
        "stream: Stream3;",
        "class: Stream2;",
        "export function openRecord(",
    ] {
        assert!(module.as_str().contains(text), "{text} in {}", front(&module));
    }
}

#[test]
fn a_module_by_its_extension() {
    let folder = tempfile::tempdir().unwrap();
    let market = TypeScript::new(SchemaCatalogue::of::<Market>().without_reset()).with_tabs();
    let path = folder.path().join("market.js");
    market.write(&path).unwrap();
    market.check(&path).unwrap();
    let (code, types) = market.javascript().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), code.as_str());
    assert_eq!(std::fs::read_to_string(folder.path().join("market.d.ts")).unwrap(), types.as_str());
    assert!(
        types.as_str().contains("Stream<MarketEvents, never>") && types.as_str().contains("class TabSource")
    );
    std::fs::write(folder.path().join("market.d.ts"), "").unwrap();
    assert_eq!(market.check(&path).unwrap_err().kind(), ErrorKind::Stale);
}
