//! Names that generated code could trip over.

use typed_sse::{SseEvent, SseSchema};

use crate::events;

#[derive(SseEvent, SseSchema)]
#[allow(non_camel_case_types, clippy::upper_case_acronyms, dead_code)]
enum Names {
    Ok {
        __schemas: u8,
        __schema: u8,
        __object: u8,
        __field0: u8,
        __value0: u8,
        r#type: u8,
    },
    Some(u8),
    EVENTS,
    __sse {
        __sse: u8,
    },
    #[deprecated]
    Old {
        #[deprecated]
        old: u8,
    },
}

/// User items with the names of what generated code uses.
#[allow(dead_code, non_camel_case_types)]
mod shadowed {
    use ::typed_sse::{SseEvent, SseSchema};

    pub(crate) struct Option;
    pub(crate) struct Vec;
    pub(crate) struct String;
    pub(crate) struct Schema;
    pub(crate) mod core {}
    pub(crate) mod std {}
    pub(crate) mod schemars {}
    pub(crate) mod typed_sse {}
    pub(crate) trait JsonSchema {}
    pub(crate) trait Default {}

    #[derive(SseEvent, SseSchema)]
    pub(crate) enum Event<'a, T: ?Sized> {
        Lent(&'a T),
        #[sse(text)]
        Text(&'a str),
        Object {
            value: &'a [i32],
            other: [u8; 2],
        },
    }
}

mod no_prelude {
    #![no_implicit_prelude]

    #[derive(::typed_sse::SseEvent, ::typed_sse::SseSchema)]
    #[allow(dead_code)]
    pub(crate) enum Event<T> {
        A {
            a: T,
        },
        #[sse(transparent)]
        B(::std::boxed::Box<Inner>),
    }

    #[derive(::typed_sse::SseEvent, ::typed_sse::SseSchema)]
    pub(crate) struct Inner {
        pub(crate) x: u8,
    }
}

mod from_a_macro {
    macro_rules! events {
        ($name:ident { $($variant:ident($ty:ty)),* }) => {
            #[derive(typed_sse::SseEvent, typed_sse::SseSchema)]
            #[allow(dead_code)]
            pub(crate) enum $name { $($variant($ty)),* }
        };
    }

    events!(Made { One(u8), Two(Vec<Option<bool>>) });
}

/// Its last field has no size of its own.
#[derive(SseEvent, SseSchema)]
#[allow(dead_code)]
struct Unsized {
    a: u8,
    tail: [u8],
}

#[test]
fn are_all_there() {
    assert_eq!(events::<Names>().len(), 5);
    assert_eq!(events::<shadowed::Event<'static, str>>().len(), 3);
    assert_eq!(events::<no_prelude::Event<bool>>().len(), 2);
    assert_eq!(events::<from_a_macro::Made>().len(), 2);
    let mut generator = Default::default();
    assert_eq!(Unsized::schemas(&mut generator).len(), 1);
}
