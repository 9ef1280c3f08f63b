//! A server whose plugins bring kinds of events that nobody knows before.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use typed_sse::{EventType, FromSseEvent, SseEvent, SseSchema};

use crate::{always, always_comes_back, bytes, dispatched, kind, there_and_back, typed, types, wire};

#[derive(Debug, FromSseEvent, SseEvent, SseSchema)]
#[sse(rename_all = "kebab-case")]
enum Bus {
    PluginLoaded {
        name: String,
    },
    Custom {
        #[sse(event)]
        kind: EventType,
        #[sse(id, skip)]
        seq: u32,
        #[sse(data)]
        #[schemars(with = "serde_json::Value")]
        payload: Box<RawValue>,
    },
}

/// The kind is in the data, too.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[sse(data = self)]
struct Tagged {
    #[sse(event)]
    #[serde(rename = "type")]
    kind: EventType,
    value: i32,
}

#[test]
pub(crate) fn kinds_in_the_data() {
    let kind = EventType::new("plugin.ready".to_owned()).unwrap();
    let expected = "event: plugin.ready\ndata: {\"type\":\"plugin.ready\",\"value\":5}\n\n";
    there_and_back(vec![(Tagged { kind, value: 5 }, expected)]);
}

#[test]
pub(crate) fn kinds_are_data() {
    let kind = EventType::new(format!("{}.{}", "weather", "changed")).unwrap();
    let payload = RawValue::from_string("{\"c\": 21}".to_owned()).unwrap();
    let sent = wire(&Bus::Custom { kind, seq: 1, payload });
    assert_eq!(sent, "event: weather.changed\nid: 1\ndata: {\"c\": 21}\n\n");
    assert_eq!(dispatched(&sent).event_type(), "weather.changed");
    assert_eq!(
        wire(&Bus::PluginLoaded { name: "w".into() }),
        "event: plugin-loaded\ndata: {\"name\":\"w\"}\n\n"
    );
    // The name that a variant has comes before any.
    for sent in [sent.as_str(), "event: plugin-loaded\ndata: {\"name\":\"w\"}\n\n"] {
        assert_eq!(wire(&typed::<Bus>(sent).unwrap()), sent);
    }
    assert!(matches!(
        typed("event: plugin-loaded\ndata: {\"name\":\"w\"}\n\n"),
        Ok(Bus::PluginLoaded { .. })
    ));
    assert_eq!(types::<Bus>(), ["plugin-loaded"]);
    assert!(Bus::EVENTS.is_open());
}

#[test]
fn every_value() {
    always_comes_back((kind(), any::<i32>()).prop_map(|(kind, value)| Tagged { kind, value }));
    // A raw value has no equality: the bytes have to be the same.
    let custom = (kind(), any::<u32>(), any::<Option<Vec<String>>>()).prop_map(|(kind, seq, value)| {
        Bus::Custom { kind, seq, payload: serde_json::value::to_raw_value(&value).unwrap() }
    });
    let bus = prop_oneof![any::<String>().prop_map(|name| Bus::PluginLoaded { name }), custom];
    always(bus, |event| {
        let sent = bytes(&event);
        assert_eq!(bytes(&typed::<Bus>(&sent).unwrap()), sent);
    });
}
