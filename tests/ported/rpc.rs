//! JSON-RPC over an event stream, for clients that drop a frame without the field `event`.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, comes_back, id, read, text, types, wire};

#[derive(Debug, PartialEq, FromSseEvent, SseEvent, SseSchema)]
#[sse(untagged)]
enum ServerEvent {
    #[sse(text)]
    Endpoint(String),
    #[sse(event = "message", explicit)]
    Message(Message),
    #[sse(event = "message", explicit)]
    Stored {
        #[sse(id, skip)]
        event_id: String,
        #[sse(data)]
        message: Message,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Message {
    Request { jsonrpc: Version, id: u32, method: String },
    Notification { jsonrpc: Version, method: String },
    Response { jsonrpc: Version, id: u32, result: serde_json::Value },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
enum Version {
    #[serde(rename = "2.0")]
    Two,
}

#[test]
pub(crate) fn message_is_written_out() {
    let notification = || Message::Notification { jsonrpc: Version::Two, method: "tools/changed".into() };
    assert_eq!(
        wire(&ServerEvent::Endpoint("/messages?s=1".into())),
        "event: endpoint\ndata: /messages?s=1\n\n"
    );
    let sent = wire(&ServerEvent::Message(notification()));
    assert_eq!(sent, "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"tools/changed\"}\n\n");
    assert_eq!(read::<Message>(&sent), notification());
    let request = Message::Request { jsonrpc: Version::Two, id: 3, method: "ping".into() };
    assert_eq!(
        wire(&ServerEvent::Message(request)),
        "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}\n\n"
    );
    let message = Message::Response { jsonrpc: Version::Two, id: 2, result: serde_json::json!({}) };
    assert_eq!(
        wire(&ServerEvent::Stored { event_id: "s1_4".into(), message }),
        "event: message\nid: s1_4\ndata: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n\n"
    );
    let request = || Message::Request { jsonrpc: Version::Two, id: 3, method: "ping".into() };
    comes_back(&ServerEvent::Endpoint("/messages?s=1".into()));
    comes_back(&ServerEvent::Message(request()));
    // The two have one event type and the same data: the ID tells them apart.
    comes_back(&ServerEvent::Stored { event_id: "s1_4".into(), message: request() });
    assert_eq!(types::<ServerEvent>(), ["endpoint", "message", "message"]);
}

#[test]
fn every_value() {
    let message = || {
        let result = any::<Option<Vec<(String, f64)>>>()
            .prop_filter("JSON has no such number", |list| list.iter().flatten().all(|(_, x)| x.is_finite()))
            .prop_map(|list| serde_json::to_value(list).unwrap());
        prop_oneof![
            any::<(u32, String)>().prop_map(|(id, method)| Message::Request {
                jsonrpc: Version::Two,
                id,
                method
            }),
            any::<String>().prop_map(|method| Message::Notification { jsonrpc: Version::Two, method }),
            (any::<u32>(), result).prop_map(|(id, result)| Message::Response {
                jsonrpc: Version::Two,
                id,
                result
            }),
        ]
    };
    always_comes_back(prop_oneof![
        text().prop_map(ServerEvent::Endpoint),
        message().prop_map(ServerEvent::Message),
        (id(), message()).prop_map(|(event_id, message)| ServerEvent::Stored { event_id, message }),
    ]);
}
