//! Names that generated code could trip over.

use typed_sse::{FromSseEvent, SseEvent};

use crate::wire;

#[derive(FromSseEvent, SseEvent)]
#[allow(non_camel_case_types, clippy::upper_case_acronyms)]
enum Names {
    Ok {
        encoder: u8,
        __encoder: u8,
        f: u8,
        self_: u8,
        __field0: u8,
        __object: u8,
    },
    Err(u8),
    Some {
        value: u8,
        serializer: u8,
        __serializer: u8,
    },
    None,
    EVENTS,
    EventType {
        r#type: u8,
        r#fn: u8,
    },
    __EVENT_TYPE,
    encode,
    __sse {
        __sse: u8,
    },
    f(u8),
    self_,
    __frame {
        __frame: u8,
    },
    Größe {
        größe: u8,
    },
    ΩMEGA,
    #[deprecated]
    Old {
        #[deprecated]
        old: u8,
    },
}

#[test]
fn variants_and_fields() {
    let ok = Names::Ok { encoder: 1, __encoder: 2, f: 3, self_: 4, __field0: 5, __object: 6 };
    assert_eq!(
        wire(&ok),
        "event: ok\ndata: {\"encoder\":1,\"__encoder\":2,\"f\":3,\"self_\":4,\"__field0\":5,\"__object\":6}\n\n"
    );
    assert_eq!(wire(&Names::Err(1)), "event: err\ndata: 1\n\n");
    assert_eq!(wire(&Names::None), "event: none\ndata: null\n\n");
    assert_eq!(wire(&Names::EVENTS), "event: e_v_e_n_t_s\ndata: null\n\n");
    assert_eq!(
        wire(&Names::EventType { r#type: 1, r#fn: 2 }),
        "event: event_type\ndata: {\"type\":1,\"fn\":2}\n\n"
    );
    let some = Names::Some { value: 1, serializer: 2, __serializer: 3 };
    assert_eq!(wire(&some), "event: some\ndata: {\"value\":1,\"serializer\":2,\"__serializer\":3}\n\n");
    assert_eq!(wire(&Names::f(1)), "event: f\ndata: 1\n\n");
    assert_eq!(wire(&Names::self_), "event: self_\ndata: null\n\n");
    assert_eq!(wire(&Names::__frame { __frame: 1 }), "event: __frame\ndata: {\"__frame\":1}\n\n");
    assert_eq!(wire(&Names::Größe { größe: 1 }), "event: größe\ndata: {\"größe\":1}\n\n");
    // As serde, ASCII letters change their case and others do not.
    assert_eq!(wire(&Names::ΩMEGA), "event: Ω_m_e_g_a\ndata: null\n\n");
    #[allow(deprecated)]
    let old = Names::Old { old: 1 };
    assert_eq!(wire(&old), "event: old\ndata: {\"old\":1}\n\n");
    for event in [Names::__EVENT_TYPE, Names::encode, Names::__sse { __sse: 1 }] {
        assert!(event.to_frame().is_ok());
    }
}

/// User items with the names of what generated code uses.
#[allow(dead_code, non_camel_case_types)]
mod shadowed {
    use ::typed_sse::{FromSseEvent, SseEvent};

    pub(crate) struct Option;
    pub(crate) struct Result;
    pub(crate) struct String;
    pub(crate) struct Encoder;
    pub(crate) struct Catalogue;
    pub(crate) struct Duration;
    #[derive(Default)]
    pub(crate) struct u8;
    pub(crate) struct str;
    pub(crate) mod core {}
    pub(crate) mod std {}
    pub(crate) mod typed_sse {}
    pub(crate) mod __private {}
    pub(crate) trait Display {}
    pub(crate) trait Serialize {}

    #[derive(FromSseEvent, SseEvent)]
    pub(crate) enum Event<T> {
        #[sse(base64)]
        Base64 {
            #[sse(key = |_| 1, skip)]
            key: u8,
            bytes: T,
        },
        #[sse(text, retry = 1)]
        Text(T),
        Object {
            value: T,
            other: i32,
        },
    }
}

#[test]
fn user_items() {
    type Event = shadowed::Event<&'static str>;
    assert_eq!(wire(&Event::Base64 { key: shadowed::u8, bytes: "a" }), "event: base64\ndata: YQ==\n\n");
    assert_eq!(wire(&Event::Text("a")), "event: text\nretry: 1\ndata: a\n\n");
    assert_eq!(
        wire(&Event::Object { value: "a", other: 1 }),
        "event: object\ndata: {\"value\":\"a\",\"other\":1}\n\n"
    );
}

mod renamed {
    pub(crate) mod deep {
        pub(crate) use typed_sse as facade;
    }
}

#[derive(FromSseEvent, SseEvent)]
#[sse(crate = "crate::hygiene::renamed::deep::facade")]
enum Renamed {
    #[sse(transparent)]
    Inner(RenamedInner),
}

#[derive(FromSseEvent, SseEvent)]
#[sse(crate = "renamed::deep::facade")]
struct RenamedInner {
    x: u8,
}

#[test]
fn another_path_to_the_facade() {
    assert_eq!(wire(&Renamed::Inner(RenamedInner { x: 1 })), "event: renamed_inner\ndata: {\"x\":1}\n\n");
}

macro_rules! events {
    ($(#[$attr:meta])* $name:ident { $($variant:ident($field:ty) = $event:literal, $retry:literal, $id:expr;)* }) => {
        #[derive(FromSseEvent, SseEvent)]
        $(#[$attr])*
        enum $name {
            $(#[sse(event = $event, retry = $retry)] $variant(#[sse(id = $id)] $field),)*
        }
    };
}

events! {
    #[sse(crate = "::typed_sse")]
    Generated {
        One(u8) = "first", 1, |x| x + 1;
        Two(Vec<u8>) = "second", 2, Vec::len;
    }
}

#[test]
fn enums_from_macro_rules() {
    assert_eq!(wire(&Generated::One(1)), "event: first\nid: 2\nretry: 1\ndata: 1\n\n");
    assert_eq!(wire(&Generated::Two(vec![7])), "event: second\nid: 1\nretry: 2\ndata: [7]\n\n");
}

#[derive(FromSseEvent, SseEvent)]
enum Conditional {
    #[cfg(test)]
    Kept {
        a: u8,
        #[cfg(not(test))]
        b: DoesNotExist,
    },
    #[cfg(not(test))]
    Gone(DoesNotExist),
    #[cfg_attr(test, sse(event = "configured"))]
    Attribute(#[cfg_attr(test, sse(id))] u8, #[cfg(not(test))] DoesNotExist),
}

#[test]
fn conditional_compilation() {
    assert_eq!(crate::types::<Conditional>(), ["kept", "configured"]);
    assert_eq!(wire(&Conditional::Kept { a: 1 }), "event: kept\ndata: {\"a\":1}\n\n");
    assert_eq!(wire(&Conditional::Attribute(1)), "event: configured\nid: 1\ndata: 1\n\n");
}

#[test]
fn inside_a_function() {
    use renamed::deep::facade as local;
    #[derive(FromSseEvent, SseEvent)]
    #[sse(crate = "local")]
    struct Local;
    assert_eq!(wire(&Local), "event: local\ndata: null\n\n");
}
