//! The streaming server of a social network: two enums of its model, sent as one stream.

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, comes_back, read, text, types, wire};

#[derive(Debug, PartialEq, FromSseEvent, SseEvent, SseSchema)]
enum Timeline {
    #[sse(transparent)]
    Post(PostEvent),
    #[sse(transparent)]
    Account { account: AccountEvent },
    #[sse(event = "filters_changed")]
    Filters,
}

/// The data is the post alone, or its number as text.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[serde(untagged)]
#[sse(data = self)]
enum PostEvent {
    #[serde(rename = "update")]
    Published(Post),
    #[serde(rename = "status.update")]
    Edited(Post),
    #[serde(rename = "delete")]
    #[sse(text)]
    Deleted(#[sse(key)] String),
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Post {
    id: String,
    content: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[sse(data = self, prefix = "account.")]
enum AccountEvent {
    NameChanged {
        name: String,
    },
    #[serde(alias = "gone")]
    Closed,
}

#[test]
pub(crate) fn each_enum_by_its_own_rules() {
    let post = || Post { id: "7".into(), content: "<p>hi</p>".into() };
    let json = "{\"id\":\"7\",\"content\":\"<p>hi</p>\"}";
    let published = wire(&Timeline::Post(PostEvent::Published(post())));
    assert_eq!(published, format!("event: update\ndata: {json}\n\n"));
    assert_eq!(read::<PostEvent>(&published), PostEvent::Published(post()));
    assert_eq!(
        wire(&Timeline::Post(PostEvent::Edited(post()))),
        format!("event: status.update\ndata: {json}\n\n")
    );
    assert_eq!(wire(&Timeline::Post(PostEvent::Deleted("7".into()))), "event: delete\ndata: 7\n\n");
    let account = AccountEvent::NameChanged { name: "Ann".into() };
    let changed = wire(&Timeline::Account { account });
    assert_eq!(
        changed,
        "event: account.name_changed\ndata: {\"type\":\"name_changed\",\"name\":\"Ann\"}\n\n"
    );
    assert_eq!(read::<AccountEvent>(&changed), AccountEvent::NameChanged { name: "Ann".into() });
    assert_eq!(
        wire(&Timeline::Account { account: AccountEvent::Closed }),
        "event: account.closed\ndata: {\"type\":\"closed\"}\n\n"
    );
    assert_eq!(wire(&Timeline::Filters), "event: filters_changed\ndata: null\n\n");
    for event in [
        Timeline::Post(PostEvent::Published(post())),
        Timeline::Post(PostEvent::Edited(post())),
        Timeline::Post(PostEvent::Deleted("7".into())),
        Timeline::Account { account: AccountEvent::NameChanged { name: "Ann".into() } },
        Timeline::Account { account: AccountEvent::Closed },
        Timeline::Filters,
    ] {
        comes_back(&event);
    }
    assert_eq!(
        types::<Timeline>(),
        ["update", "status.update", "delete", "account.name_changed", "account.closed", "filters_changed"]
    );
}

#[test]
fn every_value() {
    let post = || any::<(String, String)>().prop_map(|(id, content)| Post { id, content });
    let account = prop_oneof![
        any::<String>().prop_map(|name| AccountEvent::NameChanged { name }),
        prop::strategy::LazyJust::new(|| AccountEvent::Closed),
    ];
    always_comes_back(prop_oneof![
        post().prop_map(|post| Timeline::Post(PostEvent::Published(post))),
        post().prop_map(|post| Timeline::Post(PostEvent::Edited(post))),
        text().prop_map(|id| Timeline::Post(PostEvent::Deleted(id))),
        account.prop_map(|account| Timeline::Account { account }),
        prop::strategy::LazyJust::new(|| Timeline::Filters),
    ]);
}
