//! What these tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what unwraps in vain fails its test")]

use std::time::Duration;

use futures_util::Stream;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::timeout;
use typed_sse_core::{Builder, Channel, Event, EventId, Frame, LastEventId, SubscriptionError};
use typed_sse_store_conformance::Memory;

/// Any subscription.
pub(crate) trait Frames: Stream<Item = Result<Frame, SubscriptionError>> {}
impl<S: Stream<Item = Result<Frame, SubscriptionError>>> Frames for S {}

pub(crate) async fn open(store: &Memory) -> Channel<Event> {
    open_with(store, Channel::builder()).await
}

pub(crate) async fn open_with(store: &Memory, builder: Builder<Event>) -> Channel<Event> {
    builder.store(store.clone(), "market").open().await.unwrap()
}

/// A window of so many events.
pub(crate) async fn window(store: &Memory, events: usize) -> Channel<Event> {
    open_with(store, Channel::builder().events(events)).await
}

pub(crate) async fn publish(channel: &Channel<Event>, data: impl ToString) -> EventId {
    channel.publish(&Event::new(data.to_string())).await.unwrap()
}

pub(crate) async fn publish_own(channel: &Channel<Event>, id: impl ToString) -> EventId {
    let id = EventId::new(id.to_string()).unwrap();
    channel.publish(&Event::new(format!("own {id}")).with_id(id)).await.unwrap()
}

pub(crate) fn last(id: &EventId) -> LastEventId {
    LastEventId::from(id.clone())
}

/// The next so many frames that are events: their data; resets as `reset` and what they say.
pub(crate) async fn events(subscription: &mut (impl Frames + Unpin), n: usize) -> Vec<String> {
    let mut seen = Vec::new();
    while seen.len() < n {
        let next = timeout(Duration::from_secs(20), subscription.next());
        let next = next.await.unwrap_or_else(|_| panic!("{seen:?}, and nothing more"));
        let Some(next) = next else { panic!("{seen:?}, and the end") };
        seen.extend(shown(&next.unwrap()));
    }
    seen
}

/// Everything up to the end.
pub(crate) async fn all(subscription: impl Frames) -> Vec<String> {
    let frames = timeout(Duration::from_secs(20), subscription.collect::<Vec<_>>()).await;
    let frames = frames.expect("no end");
    frames.into_iter().filter_map(|frame| shown(&frame.unwrap())).collect()
}

/// Nothing is there but blocks that are no event.
pub(crate) fn assert_quiet(subscription: &mut (impl Frames + Unpin)) {
    while let Some(next) = subscription.next().now_or_never() {
        let frame = next.expect("the end").unwrap();
        assert_eq!(shown(&frame), None, "{frame:?}");
    }
}

pub(crate) fn shown(frame: &Frame) -> Option<String> {
    let text = std::str::from_utf8(frame.as_ref()).unwrap();
    let data = text.lines().find_map(|line| line.strip_prefix("data: "));
    match frame.event_type() {
        _ if !frame.is_event() => None,
        "reset" => Some(format!("reset {}", data.unwrap_or_default())),
        _ => Some(data.unwrap_or_default().to_owned()),
    }
}

pub(crate) fn numbers(range: std::ops::RangeInclusive<u32>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

/// The log begins another life, which the channel has noticed, and has two events in it.
pub(crate) async fn lose(store: &Memory, market: &Channel<Event>) {
    let life = |id: &EventId| id.as_str().chars().take(8).collect::<String>();
    let before = publish(market, "before").await;
    store.lose("market");
    while market.publish(&Event::new("in the next life")).await.is_err() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    while life(&market.cursor()) == life(&before) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    publish(market, "again").await;
}
