//! A gateway with `tag` and `content`, of every shape that a variant can have.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::there_and_back;

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[serde(tag = "op", content = "d", rename_all = "UPPERCASE", deny_unknown_fields)]
#[sse(data = self)]
enum Gateway<'a, T> {
    Hello,
    Dispatch {
        #[sse(id)]
        s: u64,
        t: Cow<'a, str>,
    },
    Ready(T),
    Pair(u8, u8),
    #[serde(rename = "VOICE_STATE")]
    Voice(BTreeMap<String, bool>),
}

#[test]
pub(crate) fn every_shape() {
    type Event = Gateway<'static, Vec<u8>>;
    there_and_back::<Event>(vec![
        (Gateway::Hello, "event: HELLO\ndata: {\"op\":\"HELLO\"}\n\n"),
        (
            Gateway::Dispatch { s: 8, t: "MESSAGE".into() },
            "event: DISPATCH\nid: 8\ndata: {\"op\":\"DISPATCH\",\"d\":{\"s\":8,\"t\":\"MESSAGE\"}}\n\n",
        ),
        (Gateway::Ready(vec![1, 2]), "event: READY\ndata: {\"op\":\"READY\",\"d\":[1,2]}\n\n"),
        (Gateway::Pair(3, 4), "event: PAIR\ndata: {\"op\":\"PAIR\",\"d\":[3,4]}\n\n"),
        (
            Gateway::Voice([("muted".to_owned(), true)].into()),
            "event: VOICE_STATE\ndata: {\"op\":\"VOICE_STATE\",\"d\":{\"muted\":true}}\n\n",
        ),
    ]);
}
