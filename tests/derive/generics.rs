//! Generic parameters, lifetimes, inferred and given bounds, recursion.

use std::borrow::Cow;
use std::fmt::Display;
use std::marker::PhantomData;

use serde::Serialize;
use typed_sse::SseEvent;

use crate::wire;

#[derive(SseEvent)]
enum Generic<T, Id, S, B, E, const N: usize> {
    One(T),
    Many {
        items: Vec<T>,
        #[sse(id)]
        id: Id,
    },
    #[sse(text)]
    Text(S),
    #[sse(base64)]
    Bytes(B),
    #[sse(transparent)]
    Nested(E),
    Array([u8; N]),
}

#[derive(SseEvent)]
struct Inner;

#[test]
fn bounds_are_inferred() {
    type Event = Generic<u8, u64, &'static str, [u8; 1], Inner, 2>;
    for (event, expected) in [
        (Event::One(1), "event: one\ndata: 1\n\n"),
        (Event::Many { items: vec![1], id: 3 }, "event: many\nid: 3\ndata: {\"items\":[1],\"id\":3}\n\n"),
        (Event::Text("x"), "event: text\ndata: x\n\n"),
        (Event::Bytes(*b"a"), "event: bytes\ndata: YQ==\n\n"),
        (Event::Nested(Inner), "event: inner\ndata: null\n\n"),
        (Event::Array([1, 2]), "event: array\ndata: [1,2]\n\n"),
    ] {
        assert_eq!(wire(&event), expected);
    }
}

/// Not `Serialize`: a parameter that is not sent needs no bound.
struct Opaque;

trait Source {
    type Item;
}

impl Source for Opaque {
    type Item = u8;
}

#[derive(SseEvent)]
struct OnlyWhatIsSent<T: Source, U = ()>
where
    U: Sized,
{
    item: T::Item,
    #[sse(skip)]
    #[allow(dead_code)]
    source: T,
    marker: PhantomData<U>,
    #[sse(skip, id = |_| 1)]
    not_displayed: U,
}

#[test]
fn no_bound_for_what_is_not_sent() {
    let event =
        OnlyWhatIsSent { item: 1, source: Opaque, marker: PhantomData::<Opaque>, not_displayed: Opaque };
    assert_eq!(wire(&event), "event: only_what_is_sent\nid: 1\ndata: {\"item\":1,\"marker\":null}\n\n");
}

struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[derive(SseEvent)]
#[sse(bound = "T: Display, for<'x> &'x T: Sized")]
struct Bound<T>(Shown<T>);

#[derive(SseEvent)]
#[sse(bound = "")]
struct NoBound<T>(PhantomData<T>);

#[test]
fn given_bounds_replace_the_inferred() {
    fn needs_display_only<T: Display>(value: T) -> String {
        wire(&Bound(Shown(value)))
    }
    assert_eq!(needs_display_only(1), "event: bound\ndata: \"1\"\n\n");
    assert_eq!(wire(&NoBound::<Opaque>(PhantomData)), "event: no_bound\ndata: null\n\n");
}

#[derive(SseEvent)]
#[allow(explicit_outlives_requirements)]
enum Borrowed<'a, 'b: 'a> {
    Text { text: &'a str, cow: Cow<'b, str>, list: &'a [&'b str] },
}

#[test]
fn lifetimes() {
    let text = String::from("t");
    let event = Borrowed::Text { text: &text, cow: "c".into(), list: &["l"] };
    assert_eq!(wire(&event), "event: text\ndata: {\"text\":\"t\",\"cow\":\"c\",\"list\":[\"l\"]}\n\n");
}

#[derive(Serialize, SseEvent)]
#[allow(clippy::use_self)]
enum Tree {
    Leaf(u8),
    Node { left: Box<Tree>, right: Box<Self> },
}

#[derive(Serialize, SseEvent)]
#[allow(clippy::use_self)]
enum List<T> {
    Nil,
    Cons(#[sse(data)] T, Box<List<T>>),
    Again { rest: Box<Self> },
}

#[test]
fn recursive_types() {
    let tree = Tree::Node { left: Box::new(Tree::Leaf(1)), right: Box::new(Tree::Leaf(2)) };
    assert_eq!(wire(&tree), "event: node\ndata: {\"left\":{\"Leaf\":1},\"right\":{\"Leaf\":2}}\n\n");
    let list = List::Again { rest: Box::new(List::Cons(1, Box::new(List::Nil))) };
    assert_eq!(wire(&list), "event: again\ndata: {\"rest\":{\"Cons\":[1,\"Nil\"]}}\n\n");
}

mod private {
    use super::{Serialize, SseEvent};

    #[derive(Serialize)]
    struct Hidden<T>(T);

    /// Public, with a private type inside.
    #[derive(SseEvent)]
    pub(crate) struct Public<T> {
        #[allow(private_interfaces)]
        hidden: Hidden<T>,
    }

    pub(crate) fn public() -> Public<u8> {
        Public { hidden: Hidden(1) }
    }
}

#[test]
fn private_types() {
    assert_eq!(wire(&private::public()), "event: public\ndata: {\"hidden\":1}\n\n");
}

#[derive(SseEvent)]
enum Unsized<'a, T: ?Sized> {
    Value(&'a T),
    #[sse(text)]
    Boxed(Box<str>),
}

#[test]
fn unsized_parameters() {
    let event: Unsized<'_, str> = Unsized::Value("x");
    assert_eq!(wire(&event), "event: value\ndata: \"x\"\n\n");
    assert_eq!(wire(&Unsized::<str>::Boxed("y".into())), "event: boxed\ndata: y\n\n");
}
