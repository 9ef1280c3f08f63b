//! Names that are reserved, constant, in a field, or written out.

use typed_sse::{Event, EventType, SseEvent};

use crate::{types, wire};

#[derive(SseEvent)]
enum Reserved {
    #[sse(event = "error")]
    Error { code: u8 },
    #[sse(event = "open")]
    Open,
}

#[derive(SseEvent)]
#[sse(event = "error")]
struct Failure(u8);

#[test]
fn error_and_open_in_full() {
    assert_eq!(wire(&Reserved::Error { code: 1 }), "event: error\ndata: {\"code\":1}\n\n");
    assert_eq!(wire(&Reserved::Open), "event: open\ndata: null\n\n");
    assert_eq!(wire(&Failure(1)), "event: error\ndata: 1\n\n");
}

#[derive(SseEvent)]
#[sse(event = "message", explicit, untagged)]
enum Explicit {
    Request(u8),
    #[sse(event = "endpoint")]
    Endpoint(u8),
    #[sse(transparent)]
    Inner(Message),
}

#[derive(SseEvent)]
#[sse(explicit)]
struct Message(#[sse(id)] u8);

#[test]
fn message_written_out() {
    assert_eq!(wire(&Explicit::Request(1)), "event: message\ndata: 1\n\n");
    assert_eq!(wire(&Explicit::Endpoint(1)), "event: endpoint\ndata: 1\n\n");
    assert_eq!(wire(&Explicit::Inner(Message(7))), "event: message\nid: 7\ndata: 7\n\n");
    assert_eq!(Explicit::Request(1).to_frame().unwrap().event_type(), "message");
    assert_eq!(types::<Explicit>(), ["message", "endpoint", "message"]);
}

mod constants {
    pub(crate) const STDOUT: &str = "stdout";

    pub(crate) trait Named {
        const NAME: &'static str;
    }

    impl Named for u8 {
        const NAME: &'static str = "u8";
    }
}

macro_rules! name {
    () => {
        "from a macro"
    };
}

const MESSAGE: &str = "message";
const BORROWED: &str = "borrowed";
const PREFIX: &str = "log.";

static STATIC: &str = "of a static";

#[derive(SseEvent)]
#[sse(prefix = "by rule.")]
enum Constant {
    Plain,
    #[sse(event = STATIC)]
    Static,
    #[sse(event = constants::STDOUT)]
    Out(String),
    #[sse(event = concat!("log.", "err"))]
    Err(String),
    #[sse(event = Self::OWN)]
    Own,
    #[sse(event = name!())]
    Macro,
    #[sse(event = <u8 as constants::Named>::NAME)]
    Trait,
    #[sse(event = MESSAGE, explicit)]
    Explicit,
    #[sse(event = &BORROWED)]
    Borrowed,
    #[sse(event = PREFIX, text = "a")]
    TextA,
    #[sse(event = PREFIX, text = "b")]
    TextB,
}

impl Constant {
    const OWN: &'static str = "own";
}

macro_rules! named {
    ($expression:expr, $path:path, $literal:literal) => {
        #[derive(SseEvent)]
        enum FromMacro {
            #[sse(event = $expression)]
            Expression,
            #[sse(event = $path)]
            Path,
            #[sse(event = $literal)]
            Literal,
        }
    };
}

named!(concat!("a", "b"), constants::STDOUT, "c");

#[allow(dead_code)]
mod borrowed {
    use super::{BORROWED, STATIC, SseEvent};

    named!(&BORROWED, STATIC, "c");

    pub(super) fn types() -> Vec<&'static str> {
        crate::types::<FromMacro>()
    }
}

/// The names of a `static` for all variants, and of a type that has no variants.
#[derive(SseEvent)]
#[sse(event = STATIC, untagged)]
enum Statics {
    A,
    B(u8),
}

#[derive(SseEvent)]
#[sse(event = STATIC)]
struct OfStatic(u8);

#[derive(SseEvent)]
#[sse(event = T::NAME)]
struct Generic<T: constants::Named>(T);

#[test]
fn names_from_constants() {
    assert_eq!(wire(&Constant::Plain), "event: by rule.plain\ndata: null\n\n");
    assert_eq!(wire(&Constant::Static), "event: of a static\ndata: null\n\n");
    assert_eq!(wire(&Constant::Out("a".into())), "event: stdout\ndata: \"a\"\n\n");
    assert_eq!(wire(&Constant::Err("a".into())), "event: log.err\ndata: \"a\"\n\n");
    assert_eq!(wire(&Constant::Own), "event: own\ndata: null\n\n");
    assert_eq!(wire(&Constant::Macro), "event: from a macro\ndata: null\n\n");
    assert_eq!(wire(&Constant::Trait), "event: u8\ndata: null\n\n");
    assert_eq!(wire(&Constant::Explicit), "event: message\ndata: null\n\n");
    assert_eq!(wire(&Constant::Borrowed), "event: borrowed\ndata: null\n\n");
    assert_eq!(wire(&Constant::TextA), "event: log.\ndata: a\n\n");
    assert_eq!(wire(&Constant::TextB), "event: log.\ndata: b\n\n");
    assert_eq!(wire(&Statics::A), "event: of a static\ndata: null\n\n");
    assert_eq!(wire(&Statics::B(1)), "event: of a static\ndata: 1\n\n");
    assert_eq!(wire(&OfStatic(1)), "event: of a static\ndata: 1\n\n");
    assert_eq!(types::<Statics>(), ["of a static", "of a static"]);
    assert_eq!(types::<OfStatic>(), ["of a static"]);
    assert_eq!(wire(&Generic(7_u8)), "event: u8\ndata: 7\n\n");
    assert_eq!(
        types::<Constant>(),
        [
            "by rule.plain",
            "of a static",
            "stdout",
            "log.err",
            "own",
            "from a macro",
            "u8",
            "message",
            "borrowed",
            "log.",
            "log."
        ]
    );
    assert_eq!(types::<Generic<u8>>(), ["u8"]);
    assert_eq!(types::<FromMacro>(), ["ab", "stdout", "c"]);
    assert_eq!(borrowed::types(), ["borrowed", "of a static", "c"]);
    for event in [FromMacro::Expression, FromMacro::Path, FromMacro::Literal] {
        assert!(types::<FromMacro>().contains(&event.to_frame().unwrap().event_type()));
    }
}

#[derive(SseEvent)]
enum OfField<'a> {
    Known,
    Custom {
        #[sse(event)]
        kind: EventType,
        #[sse(id)]
        seq: u8,
    },
    #[sse(explicit, text)]
    Text(#[sse(event)] &'a EventType, String),
}

#[test]
fn a_name_from_a_field() {
    let custom = |kind| OfField::Custom { kind, seq: 1 };
    assert_eq!(wire(&OfField::Known), "event: known\ndata: null\n\n");
    assert_eq!(
        wire(&custom(EventType::new("any kind").unwrap())),
        "event: any kind\nid: 1\ndata: {\"seq\":1}\n\n"
    );
    assert_eq!(wire(&custom(EventType::MESSAGE)), "id: 1\ndata: {\"seq\":1}\n\n");
    let text = OfField::Text(&EventType::MESSAGE, "a".into());
    assert_eq!(wire(&text), "event: message\ndata: a\n\n");
    // The catalogue has what is known, and says that there is more.
    assert_eq!(types::<OfField<'_>>(), ["known"]);
    assert!(OfField::EVENTS.is_open() && !Constant::EVENTS.is_open());
}

/// An enum of which each event is open has nothing in its catalogue, as an untyped one.
#[derive(SseEvent)]
struct Open(#[sse(event)] EventType, u8);

#[test]
fn an_open_struct() {
    assert_eq!(wire(&Open(EventType::from_static("x"), 1)), "event: x\ndata: 1\n\n");
    assert!(Open::EVENTS.is_empty() && Open::EVENTS.is_open());
    assert!(Event::EVENTS.is_empty() && Event::EVENTS.is_open());
}
