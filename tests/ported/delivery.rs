//! An envelope of a broker: shared events, under the receiver's key, with a reconnection time.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, comes_back, read, typed, types, wire};

#[derive(Debug, PartialEq, FromSseEvent, SseEvent, SseSchema)]
enum Delivery<E> {
    Live {
        #[sse(key)]
        recipient: String,
        #[sse(transparent)]
        event: Arc<E>,
    },
    Replayed(#[sse(id)] u64, #[sse(retry)] Duration, #[sse(transparent)] Arc<Notice>),
}

/// A notice has an ID of its own where no envelope has one.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[serde(rename = "notice", rename_all = "camelCase")]
#[sse(data = self)]
struct Notice {
    #[sse(id)]
    notice_id: u64,
    text: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[serde(tag = "t", content = "c")]
#[sse(data = self)]
enum Mention {
    #[serde(rename = "mention")]
    By(String),
}

#[test]
pub(crate) fn from_outside_and_from_inside() {
    let live = Delivery::Live { recipient: "ann".into(), event: Arc::new(Mention::By("bob".into())) };
    assert_eq!(wire(&live), "event: mention\ndata: {\"t\":\"mention\",\"c\":\"bob\"}\n\n");
    assert_eq!(live.to_frame().unwrap().key(), Some("ann"));
    let notice = || Notice { notice_id: 9, text: "down at ten".into() };
    assert_eq!(wire(&notice()), "event: notice\nid: 9\ndata: {\"noticeId\":9,\"text\":\"down at ten\"}\n\n");
    let replayed = Delivery::<Mention>::Replayed(3, Duration::from_millis(1500), Arc::new(notice()));
    let sent = wire(&replayed);
    assert_eq!(
        sent,
        "event: notice\nid: 3\nretry: 1500\ndata: {\"noticeId\":9,\"text\":\"down at ten\"}\n\n"
    );
    assert_eq!(read::<Notice>(&sent), notice());
    comes_back(&replayed);
    // The key has stayed on the server.
    let expected = Delivery::Live { recipient: String::new(), event: Arc::new(Mention::By("bob".into())) };
    assert_eq!(typed::<Delivery<Mention>>(&wire(&live)).unwrap(), expected);
    assert_eq!(types::<Delivery<Mention>>(), ["mention", "notice"]);
}

#[test]
fn every_value() {
    let mention = || any::<String>().prop_map(|name| Arc::new(Mention::By(name)));
    let notice = any::<(u64, String)>().prop_map(|(notice_id, text)| Arc::new(Notice { notice_id, text }));
    always_comes_back(prop_oneof![
        // The key has stayed on the server.
        mention().prop_map(|event| Delivery::Live { recipient: String::new(), event }),
        (any::<u64>(), any::<u32>(), notice).prop_map(|(id, ms, notice)| Delivery::Replayed(
            id,
            Duration::from_millis(ms.into()),
            notice
        )),
    ]);
}
