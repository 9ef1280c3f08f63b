//! What an error says: the event, the field, the path, and serde's own words.

use std::error::Error as _;

use serde::{Deserialize, Serialize};
use typed_sse::{FromEventErrorKind, FromSseEvent, SseEvent};

use crate::{error, typed};

#[derive(Debug, Serialize, Deserialize)]
struct Item {
    price: f64,
}

#[derive(Debug, SseEvent, FromSseEvent)]
#[sse(prefix = "order.")]
enum Order {
    Placed { items: Vec<Item>, note: Option<String> },
    Paid(Item),
    Closed,
}

#[test]
fn the_path_to_a_field() {
    let wrong = "event: order.placed\ndata: {\"note\":null,\"items\":[{\"price\":1},{\"price\":\"2\"}]}\n\n";
    let wrong = typed::<Order>(wrong).unwrap_err();
    assert_eq!(wrong.kind(), FromEventErrorKind::Data);
    assert_eq!((wrong.event_type(), wrong.field()), ("order.placed", Some("items[1].price")));
    assert_eq!(
        wrong.to_string(),
        "event `order.placed` cannot be read as `Placed`: field `items[1].price`, from its data: \
         invalid type: string \"2\", expected f64, in \
         \"{\\\"note\\\":null,\\\"items\\\":[{\\\"price\\\":1},{\\\"price\\\":\\\"2\\\"}]}\""
    );
    assert!(wrong.source().unwrap().is::<serde_json::Error>());
    let wrong = typed::<Order>("event: order.paid\ndata: {\"price\":null}\n\n").unwrap_err();
    assert_eq!(wrong.field(), Some("price"));
}

#[test]
fn what_is_no_object() {
    for (data, reason) in [
        ("[]", "invalid type: sequence, expected an object"),
        ("5", "invalid type: integer `5`, expected an object"),
        ("", "EOF while parsing a value"),
        ("{", "EOF while parsing an object"),
        ("{\"items\"", "EOF while parsing an object"),
        ("{\"items\":[]", "EOF while parsing an object"),
        ("{\"items\":[],}", "trailing comma"),
        ("{,}", "key must be a string"),
        ("{\"a\" 1}", "expected `:`"),
        ("{\"items\":[]} x", "trailing characters"),
        ("{\"items\":[] \"b\":1}", "expected `,` or `}`"),
        ("{\"items\":[],\"items\":[]}", "duplicate field `items`"),
        ("{\"x\":1}", "missing field `items`"),
        ("{\"x\":tru}", "expected ident"),
        ("{\"a\nb\":1,\"items\":[]}", "control character"),
        ("{\"items\":[}", "expected value"),
        ("{1:2}", "key must be a string"),
    ] {
        let lines: String = data.split('\n').map(|line| format!("data: {line}\n")).collect();
        let error = error::<Order>(&format!("event: order.placed\n{lines}\n"));
        assert!(error.contains(reason), "{data}: {error}");
    }
}

#[test]
fn what_is_an_object() {
    for data in [
        "{\"items\":[]}",
        " { \"items\" : [ ] , \"new\" : { \"a\" : [ \"}\" ] } } ",
        "{\"\\u0069tems\":[]}",
        "{\"a\\\"\":0,\"items\":[]}",
        "{\"\":0,\"items\":[],\"é\":1.5e3}",
    ] {
        let order = typed::<Order>(&format!("event: order.placed\ndata: {data}\n\n"));
        assert!(matches!(order, Ok(Order::Placed { note: None, .. })), "{data}: {order:?}");
    }
    // Nobody has to understand what a variant without data is sent with.
    assert!(matches!(typed("event: order.closed\ndata: {\"by\":1}\n\n"), Ok(Order::Closed)));
}

#[test]
fn an_event_type_that_is_not_known() {
    let unknown = typed::<Order>("event: order.sent\ndata: null\n\n").unwrap_err();
    assert_eq!(unknown.kind(), FromEventErrorKind::UnknownEventType);
    assert_eq!(
        unknown.to_string(),
        "event type `order.sent` is not known: add a variant for it, or one marked `#[sse(other)]` for all that are new"
    );
    assert!(!Order::knows("order.sent") && Order::knows("order.paid"));
    assert!(unknown.source().is_none());
}

#[derive(Debug, SseEvent, FromSseEvent)]
#[sse(untagged, event = "message")]
enum Chat {
    Chunk {
        text: String,
    },
    Failed {
        error: Item,
    },
    #[sse(text = "[DONE]")]
    Done,
}

#[test]
fn each_of_several_variants_says_why_not() {
    assert_eq!(
        error::<Chat>("data: {\"error\":{}}\n\n"),
        "event `message` cannot be read: its data: no variant fits: \
         `Done`: expected the text \"[DONE]\"; `Chunk`: field `text`: missing field `text`; \
         `Failed`: field `error`: missing field `price`, in \"{\\\"error\\\":{}}\""
    );
}

#[test]
fn long_data_is_shortened() {
    let long = format!("event: order.paid\ndata: \"{}\"\n\n", "é".repeat(5000));
    assert!(error::<Order>(&long).len() < 700);
}
