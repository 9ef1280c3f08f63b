//! A gateway with `tag` and `content`, of every shape that a variant can have.

use std::borrow::Cow;
use std::collections::BTreeMap;

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, there_and_back};

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

#[test]
fn every_value() {
    type Event = Gateway<'static, Vec<u8>>;
    always_comes_back::<Event>(prop_oneof![
        prop::strategy::LazyJust::new(|| Gateway::Hello),
        any::<(u64, String)>().prop_map(|(s, t)| Gateway::Dispatch { s, t: t.into() }),
        any::<Vec<u8>>().prop_map(Gateway::Ready),
        any::<(u8, u8)>().prop_map(|(a, b)| Gateway::Pair(a, b)),
        any::<BTreeMap<String, bool>>().prop_map(Gateway::Voice),
    ]);
}
