//! A job runner: no event has a name, and the tag tells them apart.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, there_and_back, types};

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[sse(data = self, event = "message", untagged)]
enum JobUpdate {
    Queued {
        job_id: u64,
        position: u32,
    },
    StepStarted {
        job_id: u64,
        #[sse(key)]
        step_name: String,
    },
    Finished {
        job_id: u64,
        #[serde(flatten)]
        result: Outcome,
    },
    Heartbeat,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "lowercase")]
enum Outcome {
    Passed { millis: u32 },
    Failed { reason: String },
}

#[test]
pub(crate) fn all_unnamed() {
    there_and_back(vec![
        (
            JobUpdate::Queued { job_id: 1, position: 3 },
            "data: {\"kind\":\"queued\",\"jobId\":1,\"position\":3}\n\n",
        ),
        (
            JobUpdate::StepStarted { job_id: 1, step_name: "build".into() },
            "data: {\"kind\":\"stepStarted\",\"jobId\":1,\"stepName\":\"build\"}\n\n",
        ),
        (
            JobUpdate::Finished { job_id: 1, result: Outcome::Passed { millis: 5 } },
            "data: {\"kind\":\"finished\",\"jobId\":1,\"outcome\":\"passed\",\"millis\":5}\n\n",
        ),
        (
            JobUpdate::Finished { job_id: 1, result: Outcome::Failed { reason: "no disk".into() } },
            "data: {\"kind\":\"finished\",\"jobId\":1,\"outcome\":\"failed\",\"reason\":\"no disk\"}\n\n",
        ),
        (JobUpdate::Heartbeat, "data: {\"kind\":\"heartbeat\"}\n\n"),
    ]);
    assert_eq!(types::<JobUpdate>(), ["message"; 4]);
}

#[test]
fn every_value() {
    let outcome = prop_oneof![
        any::<u32>().prop_map(|millis| Outcome::Passed { millis }),
        any::<String>().prop_map(|reason| Outcome::Failed { reason }),
    ];
    always_comes_back(prop_oneof![
        any::<(u64, u32)>().prop_map(|(job_id, position)| JobUpdate::Queued { job_id, position }),
        any::<(u64, String)>().prop_map(|(job_id, step_name)| JobUpdate::StepStarted { job_id, step_name }),
        (any::<u64>(), outcome).prop_map(|(job_id, result)| JobUpdate::Finished { job_id, result }),
        prop::strategy::LazyJust::new(|| JobUpdate::Heartbeat),
    ]);
}
