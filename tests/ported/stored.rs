//! An envelope with the number under which an event was stored.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, comes_back, dispatched, read, types, wire};

#[derive(Debug, PartialEq, FromSseEvent, SseEvent, SseSchema)]
struct Stored {
    #[sse(id)]
    seq: i64,
    /// For retention only.
    #[sse(skip)]
    #[allow(dead_code)]
    stored_at: u64,
    #[sse(transparent)]
    event: OrderEvent,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[serde(tag = "event", rename_all = "SCREAMING_SNAKE_CASE")]
#[sse(data = self)]
enum OrderEvent {
    OrderPlaced {
        #[sse(key)]
        order: String,
        total: u32,
    },
    #[sse(tombstone)]
    OrderClosed {
        #[sse(key)]
        order: String,
    },
}

#[test]
pub(crate) fn the_number_is_the_id() {
    let event = || OrderEvent::OrderPlaced { order: "o1".into(), total: 5 };
    let sent = wire(&Stored { seq: 42, stored_at: 0, event: event() });
    assert_eq!(
        sent,
        "event: ORDER_PLACED\nid: 42\ndata: {\"event\":\"ORDER_PLACED\",\"order\":\"o1\",\"total\":5}\n\n"
    );
    assert_eq!(dispatched(&sent).id().map(|id| id.as_str()), Some("42"));
    assert_eq!(read::<OrderEvent>(&sent), event());
    comes_back(&Stored { seq: 42, stored_at: 0, event: event() });
    comes_back(&event());
    // Live, before it is stored.
    assert!(event().to_frame().unwrap().id().is_none());
    let closed = Stored { seq: 43, stored_at: 0, event: OrderEvent::OrderClosed { order: "o1".into() } };
    comes_back(&closed);
    comes_back(&closed.event);
    let frame = closed.to_frame().unwrap();
    assert!(frame.is_tombstone() && frame.key() == Some("o1"));
    assert_eq!(types::<Stored>(), ["ORDER_PLACED", "ORDER_CLOSED"]);
}

#[test]
fn every_value() {
    let event = || {
        prop_oneof![
            any::<(String, u32)>().prop_map(|(order, total)| OrderEvent::OrderPlaced { order, total }),
            // What is closed has a name, since that is its key.
            ".{1,20}".prop_map(|order| OrderEvent::OrderClosed { order }),
        ]
    };
    always_comes_back(event());
    // When it was stored has stayed on the server.
    always_comes_back((any::<i64>(), event()).prop_map(|(seq, event)| Stored { seq, stored_at: 0, event }));
}
