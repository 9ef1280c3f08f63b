//! What happens in an editor that several people share: what is stored has a number, and what is only shown has none.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{Channel, FromSseEvent, LastEventId, SseEvent, SseSchema};

use crate::{always_comes_back, there_and_back};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[sse(data = self, event = "session")]
struct SessionEvent {
    #[sse(id, or_ephemeral)]
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[sse(key)]
    #[serde(rename = "sessionId")]
    session: String,
    #[serde(flatten)]
    change: Change,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "properties", rename_all = "kebab-case")]
enum Change {
    FileEdited { path: String },
    Typing,
}

#[test]
pub(crate) fn an_id_where_there_is_one() {
    let event = |seq, change| SessionEvent { seq, session: "s1".into(), change };
    there_and_back(vec![
        (
            event(Some(12), Change::FileEdited { path: "a.rs".into() }),
            "event: session\nid: 12\n\
             data: {\"seq\":12,\"sessionId\":\"s1\",\"type\":\"file-edited\",\"properties\":{\"path\":\"a.rs\"}}\n\n",
        ),
        (event(None, Change::Typing), "event: session\ndata: {\"sessionId\":\"s1\",\"type\":\"typing\"}\n\n"),
    ]);
}

/// What has no number is not numbered by the channel either, and nobody who comes back gets it again.
#[tokio::test]
async fn only_what_has_a_number_is_replayed() {
    use futures_util::StreamExt as _;

    let event = |seq| SessionEvent { seq, session: "s1".into(), change: Change::Typing };
    let channel = Channel::new();
    for seq in [Some(1), None, Some(2)] {
        channel.publish(&event(seq)).await.unwrap();
    }
    channel.finish().await.unwrap();
    let frames: Vec<_> = channel.subscribe(LastEventId::from_bytes(b"1")).map(Result::unwrap).collect().await;
    let ids: Vec<_> =
        frames.iter().filter(|frame| frame.event_type() == "session").map(|frame| frame.id()).collect();
    assert_eq!(ids, [Some("2")]);
}

#[test]
fn every_value() {
    let change =
        prop_oneof![any::<String>().prop_map(|path| Change::FileEdited { path }), Just(Change::Typing),];
    always_comes_back(
        (any::<Option<u64>>(), any::<String>(), change).prop_map(|(seq, session, change)| SessionEvent {
            seq,
            session,
            change,
        }),
    );
}
