//! States of the application's making, at a server that knows less than the store.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::convert::Infallible;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::timeout;
use typed_sse_core::{Channel, Event, EventId, SubscriptionError, Topics};
use typed_sse_store_conformance::{Fault, Faulty, Memory};

use crate::support::*;

/// Three rows are stored, and this server, which begins with none of them, was kept from the store meanwhile.
async fn kept_from_the_store() -> (Channel<Event>, Faulty) {
    let store = Memory::new();
    let faulty = Faulty::new(store.clone());
    let behind = Channel::builder().store(faulty.clone(), "market").open().await.unwrap();
    faulty.set(Fault::Down);
    let ahead = open(&store).await;
    for row in 1..=3 {
        publish_own(&ahead, row).await;
    }
    assert!(behind.cursor().as_str().ends_with("-0"), "it knows of none");
    (behind, faulty)
}

/// A new client gets a state that stands at this row.
fn state_at(server: &Channel<Event>, row: &'static str) -> impl Frames + Unpin {
    Box::pin(server.subscribe(None).snapshot(move || async move {
        Ok::<_, Infallible>((vec![Event::new("state")], EventId::new(row).unwrap()))
    }))
}

/// How the stream of such a client ends, and what came before that.
async fn end_of(client: impl Frames) -> (Vec<String>, String) {
    let frames = timeout(Duration::from_secs(20), client.collect::<Vec<_>>()).await;
    let mut frames = frames.unwrap();
    let Some(Err(SubscriptionError::SnapshotCursor(cursor))) = frames.pop() else { panic!("{frames:?}") };
    (frames.into_iter().filter_map(|frame| shown(&frame.unwrap())).collect(), cursor.to_string())
}

#[tokio::test]
async fn what_the_state_has_does_not_come_again() {
    let (behind, store) = kept_from_the_store().await;
    store.set(Fault::None);
    assert_eq!(events(&mut state_at(&behind, "2"), 2).await, ["state", "own 3"]);
}

/// It may be a row of before the oldest event, or one that was never published: nobody knows what lies behind it.
#[tokio::test]
async fn a_row_that_the_store_does_not_have_is_no_place() {
    let (behind, store) = kept_from_the_store().await;
    store.set(Fault::None);
    let ended = end_of(state_at(&behind, "0")).await;
    assert_eq!(ended, (Vec::new(), "0".to_owned()));
}

#[tokio::test]
async fn where_the_store_does_not_answer_a_row_is_no_place() {
    let (behind, store) = kept_from_the_store().await;
    let ended = end_of(state_at(&behind, "2")).await;
    assert_eq!(ended, (Vec::new(), "2".to_owned()));
    store.set(Fault::None);
    assert_eq!(events(&mut state_at(&behind, "2"), 2).await, ["state", "own 3"]);
}

/// As on a channel without a store, also of several topics, and for a client that comes back with it.
#[tokio::test]
async fn where_nothing_was_published_every_row_is_a_place() {
    let store = Memory::new();
    let market = open(&store).await;
    let mut client = state_at(&market, "7");
    assert_eq!(events(&mut client, 1).await, ["state"]);
    let mut back = market.subscribe("7");
    assert_quiet(&mut back);
    let topics = Topics::<Event>::builder().store(Memory::new(), "market").open().await.unwrap();
    let mut of_topics =
        Box::pin(topics.subscribe(["a", "b"], None).unwrap().snapshot(|| async {
            Ok::<_, Infallible>((vec![Event::new("state")], EventId::new("7").unwrap()))
        }));
    assert_eq!(events(&mut of_topics, 1).await, ["state"]);
    publish_own(&market, 8).await;
    topics.channel("b").unwrap().publish(&Event::new("8")).await.unwrap();
    assert_eq!(events(&mut client, 1).await, ["own 8"]);
    assert_eq!(events(&mut back, 1).await, ["own 8"]);
    assert_eq!(events(&mut of_topics, 1).await, ["8"]);
}
