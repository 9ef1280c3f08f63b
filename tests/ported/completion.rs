//! A chat completion: chunks, a failure and `[DONE]`, none of them with a name.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{DataFormat, FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, comes_back, dispatched, there_and_back, wire};

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[serde(untagged)]
#[sse(data = self, event = "message", untagged)]
enum Completion {
    Chunk(Chunk),
    Failed {
        error: Failure,
    },
    #[serde(skip)]
    #[sse(text = "[DONE]")]
    Done,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Chunk {
    id: String,
    choices: Vec<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<u32>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Choice {
    index: u32,
    delta: String,
    finish_reason: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Failure {
    code: u16,
    message: String,
}

#[test]
pub(crate) fn until_done() {
    let choice = Choice { index: 0, delta: "Hi".into(), finish_reason: None };
    let chunk = Chunk { id: "c1".into(), choices: vec![choice], usage: None };
    there_and_back(vec![
        (
            Completion::Chunk(chunk),
            "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":\"Hi\",\"finish_reason\":null}]}\n\n",
        ),
        (
            Completion::Failed { error: Failure { code: 429, message: "slow down".into() } },
            "data: {\"error\":{\"code\":429,\"message\":\"slow down\"}}\n\n",
        ),
    ]);
    assert_eq!(wire(&Completion::Done), "data: [DONE]\n\n");
    comes_back(&Completion::Done);
    assert_eq!(dispatched("data: [DONE]\n\n").data(), "[DONE]");
    let formats: Vec<_> = Completion::EVENTS.iter().map(|spec| spec.format()).collect();
    assert_eq!(formats, [DataFormat::Json, DataFormat::Json, DataFormat::Fixed("[DONE]")]);
}

#[test]
fn every_value() {
    let choice = any::<(u32, String, Option<String>)>().prop_map(|(index, delta, finish_reason)| Choice {
        index,
        delta,
        finish_reason,
    });
    let chunk = (any::<String>(), prop::collection::vec(choice, 0..4), any::<Option<u32>>())
        .prop_map(|(id, choices, usage)| Completion::Chunk(Chunk { id, choices, usage }));
    always_comes_back(prop_oneof![
        chunk,
        any::<(u16, String)>()
            .prop_map(|(code, message)| Completion::Failed { error: Failure { code, message } }),
        prop::strategy::LazyJust::new(|| Completion::Done),
    ]);
}
