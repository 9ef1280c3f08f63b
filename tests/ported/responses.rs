//! A model that answers in steps: dotted names, a number in each event, and `error`, which the protocol demands.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, there_and_back, types};

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Answer {
    #[serde(rename = "answer.created")]
    Created { sequence_number: u32, answer: Summary },
    #[serde(rename = "answer.text.delta")]
    TextDelta { sequence_number: u32, item_id: String, delta: String },
    #[serde(rename = "answer.tool_call.arguments.done")]
    ToolCallDone { sequence_number: u32, arguments: String },
    #[serde(rename = "answer.completed")]
    Completed { sequence_number: u32, answer: Summary },
    #[serde(rename = "error")]
    #[sse(event = "error")]
    Error {
        sequence_number: u32,
        code: Option<String>,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        param: Option<String>,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Summary {
    id: String,
    status: Status,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    InProgress,
    Completed,
}

#[test]
pub(crate) fn name_and_tag_are_one() {
    let answer = |status| Summary { id: "an_1".into(), status };
    there_and_back(vec![
        (
            Answer::Created { sequence_number: 0, answer: answer(Status::InProgress) },
            "event: answer.created\n\
             data: {\"type\":\"answer.created\",\"sequence_number\":0,\"answer\":{\"id\":\"an_1\",\"status\":\"in_progress\"}}\n\n",
        ),
        (
            Answer::TextDelta { sequence_number: 1, item_id: "it_1".into(), delta: "two\nlines".into() },
            "event: answer.text.delta\n\
             data: {\"type\":\"answer.text.delta\",\"sequence_number\":1,\"item_id\":\"it_1\",\"delta\":\"two\\nlines\"}\n\n",
        ),
        (
            Answer::ToolCallDone { sequence_number: 2, arguments: "{}".into() },
            "event: answer.tool_call.arguments.done\n\
             data: {\"type\":\"answer.tool_call.arguments.done\",\"sequence_number\":2,\"arguments\":\"{}\"}\n\n",
        ),
        (
            Answer::Completed { sequence_number: 3, answer: answer(Status::Completed) },
            "event: answer.completed\n\
             data: {\"type\":\"answer.completed\",\"sequence_number\":3,\"answer\":{\"id\":\"an_1\",\"status\":\"completed\"}}\n\n",
        ),
        (
            Answer::Error { sequence_number: 4, code: None, message: "overloaded".into(), param: None },
            "event: error\n\
             data: {\"type\":\"error\",\"sequence_number\":4,\"code\":null,\"message\":\"overloaded\"}\n\n",
        ),
    ]);
    assert_eq!(
        types::<Answer>(),
        [
            "answer.created",
            "answer.text.delta",
            "answer.tool_call.arguments.done",
            "answer.completed",
            "error",
        ]
    );
}

#[test]
fn every_value() {
    let summary = || {
        let status = prop_oneof![
            prop::strategy::LazyJust::new(|| Status::InProgress),
            prop::strategy::LazyJust::new(|| Status::Completed)
        ];
        (any::<String>(), status).prop_map(|(id, status)| Summary { id, status })
    };
    always_comes_back(prop_oneof![
        (any::<u32>(), summary())
            .prop_map(|(sequence_number, answer)| Answer::Created { sequence_number, answer }),
        any::<(u32, String, String)>().prop_map(|(sequence_number, item_id, delta)| Answer::TextDelta {
            sequence_number,
            item_id,
            delta
        }),
        any::<(u32, String)>()
            .prop_map(|(sequence_number, arguments)| Answer::ToolCallDone { sequence_number, arguments }),
        (any::<u32>(), summary())
            .prop_map(|(sequence_number, answer)| Answer::Completed { sequence_number, answer }),
        any::<(u32, Option<String>, String, Option<String>)>().prop_map(
            |(sequence_number, code, message, param)| Answer::Error { sequence_number, code, message, param }
        ),
    ]);
}
