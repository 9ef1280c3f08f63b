//! Types that serde writes as a whole: each event has its part of the schema.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use typed_sse::schema::Payload;
use typed_sse::{SseEvent, SseSchema};

use crate::{events, json_of};

#[test]
fn told_apart_by_a_tag() {
    #[derive(Serialize, JsonSchema, SseEvent, SseSchema)]
    #[serde(tag = "type", rename_all = "camelCase")]
    #[sse(data = self)]
    #[expect(dead_code)]
    enum Turn {
        ItemStarted {
            item: String,
        },
        #[serde(rename = "turn/completed")]
        Completed {
            tokens: u32,
        },
        Stopped,
        #[sse(text = "[DONE]")]
        Done,
    }
    let events = events::<Turn>();
    assert_eq!(json_of(&events[0])["properties"]["type"]["const"], "itemStarted");
    assert_eq!(json_of(&events[0])["required"], json!(["type", "item"]));
    assert_eq!(json_of(&events[1])["properties"]["type"]["const"], "turn/completed");
    assert_eq!(json_of(&events[2])["required"], json!(["type"]));
    assert_eq!(events[3].payload(), &Payload::Fixed("[DONE]".into()));
}

#[test]
fn by_a_tag_beside_the_content() {
    #[derive(Serialize, JsonSchema, SseEvent, SseSchema)]
    #[serde(tag = "t", content = "c")]
    #[sse(data = self)]
    #[expect(dead_code)]
    enum Adjacent {
        Number(u8),
        Nothing,
    }
    let events = events::<Adjacent>();
    assert_eq!(json_of(&events[0])["required"], json!(["t", "c"]));
    assert_eq!(json_of(&events[1])["required"], json!(["t"]));
}

#[test]
fn by_the_name_around() {
    #[derive(Serialize, JsonSchema, SseEvent, SseSchema)]
    #[sse(data = self)]
    #[expect(dead_code)]
    enum External {
        Number(u8),
        Nothing,
        Void,
    }
    let events = events::<External>();
    assert_eq!(json_of(&events[0])["required"], json!(["Number"]));
    assert_eq!(json_of(&events[1]), json!({ "type": "string", "const": "Nothing" }));
    assert_eq!(json_of(&events[2]), json!({ "type": "string", "const": "Void" }));
}

#[test]
fn by_their_order() {
    #[derive(Serialize, JsonSchema, SseEvent, SseSchema)]
    #[serde(untagged)]
    #[sse(data = self, event = "message", untagged)]
    #[expect(dead_code)]
    enum Untagged {
        Chunk {
            text: String,
        },
        #[serde(skip)]
        #[sse(text = "[DONE]")]
        Done,
        Failed {
            error: u16,
        },
    }
    let events = events::<Untagged>();
    assert_eq!(json_of(&events[0])["required"], json!(["text"]));
    assert_eq!(json_of(&events[2])["required"], json!(["error"]));
}

/// What is not known of a variant is what is known of the type.
#[test]
fn not_at_all() {
    #[derive(Clone, Serialize, JsonSchema, SseEvent, SseSchema)]
    #[serde(into = "Wire")]
    #[schemars(with = "Wire")]
    #[sse(data = self)]
    #[expect(dead_code)]
    enum Converted {
        A(u8),
        B,
    }

    #[derive(Serialize, JsonSchema)]
    struct Wire {
        n: u8,
    }

    impl From<Converted> for Wire {
        fn from(_: Converted) -> Self {
            Self { n: 1 }
        }
    }
    let events = events::<Converted>();
    assert_eq!(json_of(&events[0]), json_of(&events[1]));
    assert!(json_of(&events[0])["$ref"].is_string() || json_of(&events[0])["properties"]["n"].is_object());
}

#[test]
fn a_struct_is_its_own_definition() {
    #[derive(Serialize, JsonSchema, SseEvent, SseSchema)]
    #[sse(data = self, event = "x")]
    struct Whole {
        n: u8,
    }
    let events = events::<Whole>();
    assert_eq!(json_of(&events[0]), json!({ "$ref": "#/$defs/Whole" }));
}
