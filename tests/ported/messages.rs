//! A message that is streamed block by block, with pings between, and an end of its own.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, there_and_back};

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[sse(data = self)]
enum Reply {
    MessageStart {
        message: Head,
    },
    BlockStart {
        index: usize,
        block: Block,
    },
    BlockDelta {
        index: usize,
        delta: Delta,
    },
    BlockStop {
        index: usize,
    },
    #[sse(ephemeral)]
    Ping,
    MessageStop,
    #[sse(event = "error")]
    Error {
        error: Failure,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Head {
    id: String,
    usage: Usage,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Usage {
    input: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text { text: String },
    ToolUse { name: String },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Delta {
    TextDelta { text: String },
    InputDelta { partial: String },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Failure {
    OverloadedError { message: String },
}

#[test]
pub(crate) fn a_whole_reply() {
    there_and_back(vec![
        (
            Reply::MessageStart { message: Head { id: "m1".into(), usage: Usage { input: 9 } } },
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"usage\":{\"input\":9}}}\n\n",
        ),
        (
            Reply::BlockStart { index: 0, block: Block::Text { text: String::new() } },
            "event: block_start\ndata: {\"type\":\"block_start\",\"index\":0,\"block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        ),
        (Reply::Ping, "event: ping\ndata: {\"type\":\"ping\"}\n\n"),
        (
            Reply::BlockDelta { index: 0, delta: Delta::TextDelta { text: "Hé".into() } },
            "event: block_delta\ndata: {\"type\":\"block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hé\"}}\n\n",
        ),
        (Reply::BlockStop { index: 0 }, "event: block_stop\ndata: {\"type\":\"block_stop\",\"index\":0}\n\n"),
        (
            Reply::BlockStart { index: 1, block: Block::ToolUse { name: "clock".into() } },
            "event: block_start\ndata: {\"type\":\"block_start\",\"index\":1,\"block\":{\"type\":\"tool_use\",\"name\":\"clock\"}}\n\n",
        ),
        (
            Reply::BlockDelta { index: 1, delta: Delta::InputDelta { partial: "{\"a".into() } },
            "event: block_delta\ndata: {\"type\":\"block_delta\",\"index\":1,\"delta\":{\"type\":\"input_delta\",\"partial\":\"{\\\"a\"}}\n\n",
        ),
        (Reply::MessageStop, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
        (
            Reply::Error { error: Failure::OverloadedError { message: "later".into() } },
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"later\"}}\n\n",
        ),
    ]);
}

#[test]
fn every_value() {
    let block = prop_oneof![
        any::<String>().prop_map(|text| Block::Text { text }),
        any::<String>().prop_map(|name| Block::ToolUse { name }),
    ];
    let delta = prop_oneof![
        any::<String>().prop_map(|text| Delta::TextDelta { text }),
        any::<String>().prop_map(|partial| Delta::InputDelta { partial }),
    ];
    let failure = any::<String>().prop_map(|message| Failure::OverloadedError { message });
    always_comes_back(prop_oneof![
        any::<(String, u32)>()
            .prop_map(|(id, input)| Reply::MessageStart { message: Head { id, usage: Usage { input } } }),
        (any::<usize>(), block).prop_map(|(index, block)| Reply::BlockStart { index, block }),
        (any::<usize>(), delta).prop_map(|(index, delta)| Reply::BlockDelta { index, delta }),
        any::<usize>().prop_map(|index| Reply::BlockStop { index }),
        prop::strategy::LazyJust::new(|| Reply::Ping),
        prop::strategy::LazyJust::new(|| Reply::MessageStop),
        failure.prop_map(|error| Reply::Error { error }),
    ]);
}
