//! A search engine that streams what it finds: numbers made into text by serde, under names of our rules.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, comes_back, read, wire};

#[derive(
    Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema,
)]
#[serde(into = "Report", from = "Report")]
#[sse(data = self, rename_all = "snake_case", prefix = "search.")]
enum Progress {
    ShardDone { shard: u16, of: u16 },
    Finished { hits: u64 },
}

/// What is on the wire.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Report {
    state: String,
    n: u64,
}

impl From<Progress> for Report {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::ShardDone { shard, of } => Self { state: format!("of {of}"), n: shard.into() },
            Progress::Finished { hits } => Self { state: "done".into(), n: hits },
        }
    }
}

impl From<Report> for Progress {
    fn from(Report { state, n }: Report) -> Self {
        match state.strip_prefix("of ").and_then(|of| of.parse().ok()) {
            Some(of) => Self::ShardDone { shard: n.try_into().unwrap_or(of), of },
            None => Self::Finished { hits: n },
        }
    }
}

#[test]
pub(crate) fn what_serde_converts() {
    for (progress, expected) in [
        (
            Progress::ShardDone { shard: 2, of: 5 },
            "event: search.shard_done\ndata: {\"state\":\"of 5\",\"n\":2}\n\n",
        ),
        (Progress::Finished { hits: 9 }, "event: search.finished\ndata: {\"state\":\"done\",\"n\":9}\n\n"),
    ] {
        let sent = wire(&progress);
        assert_eq!(sent, expected);
        assert_eq!(read::<Progress>(&sent), progress);
        comes_back(&progress);
    }
}

#[test]
fn every_value() {
    always_comes_back(prop_oneof![
        any::<(u16, u16)>().prop_map(|(shard, of)| Progress::ShardDone { shard, of }),
        any::<u64>().prop_map(|hits| Progress::Finished { hits }),
    ]);
}
