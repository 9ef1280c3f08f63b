//! `id`, `key`, `tombstone`, `ephemeral`.

use std::fmt;

use serde::Serialize;
use typed_sse::{EncodeErrorKind, SseEvent};

use crate::wire;

#[derive(Serialize)]
struct Order {
    meta: Meta,
}

#[derive(Serialize)]
struct Meta {
    seq: u64,
    customer: String,
}

impl Order {
    fn customer(&self) -> &str {
        &self.meta.customer
    }
}

struct Sequence(u32);

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{:04}", self.0)
    }
}

#[derive(SseEvent)]
enum Orders {
    Stays {
        #[sse(id)]
        seq: u64,
        #[sse(key)]
        customer: String,
    },
    Skipped {
        #[sse(id, skip)]
        seq: Sequence,
        #[sse(skip)]
        #[sse(key)]
        customer: String,
        total: u32,
    },
    Placed(#[sse(id = |order| order.meta.seq, key = Order::customer)] Order),
    Borrowing(
        #[sse(id = |order: &Order| format!("{}-{}", order.meta.seq, 1), key = |order| &order.meta.customer)]
        Order,
    ),
    Generic(
        #[sse(id = |order| { let pair = (order.meta.seq, 0_u8); Vec::<(u64, u8)>::from([pair]).len() })]
        Order,
    ),
    Both {
        #[sse(id, key = |seq| seq % 2)]
        seq: u64,
    },
    #[sse(tombstone)]
    Removed {
        #[sse(key)]
        customer: String,
    },
    #[sse(ephemeral)]
    Typing {
        #[sse(key)]
        customer: String,
    },
}

fn order() -> Order {
    Order { meta: Meta { seq: 5, customer: "c1".into() } }
}

#[test]
fn ids_and_keys() {
    let json = r#"{"meta":{"seq":5,"customer":"c1"}}"#;
    for (event, id, key, expected) in [
        (
            Orders::Stays { seq: 5, customer: "c1".into() },
            Some("5"),
            Some("c1"),
            "event: stays\nid: 5\ndata: {\"seq\":5,\"customer\":\"c1\"}\n\n".to_owned(),
        ),
        (
            Orders::Skipped { seq: Sequence(5), customer: "c1".into(), total: 9 },
            Some("s0005"),
            Some("c1"),
            "event: skipped\nid: s0005\ndata: {\"total\":9}\n\n".to_owned(),
        ),
        (Orders::Placed(order()), Some("5"), Some("c1"), format!("event: placed\nid: 5\ndata: {json}\n\n")),
        (
            Orders::Borrowing(order()),
            Some("5-1"),
            Some("c1"),
            format!("event: borrowing\nid: 5-1\ndata: {json}\n\n"),
        ),
        (Orders::Generic(order()), Some("1"), None, format!("event: generic\nid: 1\ndata: {json}\n\n")),
        (
            Orders::Both { seq: 3 },
            Some("3"),
            Some("1"),
            "event: both\nid: 3\ndata: {\"seq\":3}\n\n".to_owned(),
        ),
    ] {
        let frame = event.to_frame().unwrap();
        assert_eq!(frame.id(), id);
        assert_eq!(frame.key(), key);
        assert!(!frame.is_tombstone() && !frame.is_ephemeral());
        assert_eq!(wire(&event), expected);
    }
}

#[test]
fn tombstones_and_ephemeral_events() {
    let removed = Orders::Removed { customer: "c1".into() }.to_frame().unwrap();
    assert_eq!((removed.key(), removed.is_tombstone(), removed.is_ephemeral()), (Some("c1"), true, false));
    assert_eq!(removed.as_ref(), b"event: removed\ndata: {\"customer\":\"c1\"}\n\n");

    let typing = Orders::Typing { customer: "c1".into() }.to_frame().unwrap();
    assert_eq!((typing.key(), typing.is_tombstone(), typing.is_ephemeral()), (Some("c1"), false, true));
    assert_eq!(typing.id(), None);
}

#[test]
fn a_tombstone_without_a_key_is_an_error() {
    #[derive(SseEvent)]
    enum Stocks {
        #[sse(tombstone)]
        Delisted {
            #[sse(key)]
            symbol: Option<String>,
        },
    }
    let error = Stocks::Delisted { symbol: None }.to_frame().unwrap_err();
    assert_eq!((error.field(), error.kind()), ("key", EncodeErrorKind::NoKey));
    assert_eq!(
        error.to_string(),
        "field `key` is missing: a tombstone needs a key, since it takes out the events of that key"
    );
    let delisted = Stocks::Delisted { symbol: Some("X".to_owned()) }.to_frame().unwrap();
    assert_eq!((delisted.key(), delisted.is_tombstone()), (Some("X"), true));
}

#[test]
fn an_id_cannot_inject() {
    #[derive(SseEvent)]
    struct Named(#[sse(id)] String);
    for (id, kind) in [
        ("1\ndata: injected", EncodeErrorKind::LineBreak),
        ("1\r", EncodeErrorKind::LineBreak),
        ("\0", EncodeErrorKind::Null),
        ("", EncodeErrorKind::Empty),
    ] {
        let error = Named(id.to_owned()).to_frame().unwrap_err();
        assert_eq!((error.field(), error.kind()), ("id", kind), "{id:?}");
    }
}

#[derive(SseEvent)]
#[sse(bound = "T: std::fmt::Display + Serialize")]
enum Maybe<T> {
    Field {
        #[sse(id)]
        seq: Option<u64>,
        #[sse(key, skip)]
        key: Option<T>,
    },
    Projected(#[sse(id = |text| text.strip_prefix("id "))] &'static str),
}

#[test]
fn none_is_no_field() {
    let some = Maybe::Field { seq: Some(7), key: Some("k") }.to_frame().unwrap();
    assert_eq!((some.id(), some.key()), (Some("7"), Some("k")));
    assert_eq!(some.as_ref(), b"event: field\nid: 7\ndata: {\"seq\":7}\n\n");

    let none = Maybe::<&str>::Field { seq: None, key: None }.to_frame().unwrap();
    assert_eq!((none.id(), none.key()), (None, None));
    assert_eq!(none.as_ref(), b"event: field\ndata: {\"seq\":null}\n\n");

    assert_eq!(wire(&Maybe::<u8>::Projected("id 7")), "event: projected\nid: 7\ndata: \"id 7\"\n\n");
    assert_eq!(wire(&Maybe::<u8>::Projected("7")), "event: projected\ndata: \"7\"\n\n");
}
