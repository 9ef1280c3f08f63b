//! Channels whose calls are dropped at each of their awaits.

use std::sync::Arc;

use futures_util::StreamExt as _;
use typed_sse_core::store::Range;
use typed_sse_core::{Channel, Event, EventId, LastEventId, PublishError};

use super::support::{Case, at_each_await, dropped_after};
use crate::faulty::Faulty;
use crate::harness::Harness;

/// What is published and given up is there once or not at all, and clients get all that is stored, once, in its order.
pub async fn publish_is_dropped_at_each_await<H: Harness>() {
    let case = Case::<H>::new().await;
    let channel = Channel::<Event>::builder().store(Faulty::over(Arc::clone(&case.store)), "market");
    let channel = channel.open().await.unwrap();
    let mut subscription = channel.subscribe(LastEventId::from(None::<LastEventId>));
    let (mut number, mut acknowledged) = (0, Vec::new());
    at_each_await(async |polls| {
        number += 1;
        let plain = Event::new(format!("plain {number}"));
        let is_plain = dropped_after(polls, channel.publish(&plain)).await.map(Result::unwrap).is_some();
        if is_plain {
            acknowledged.push(format!("plain {number}"));
        }
        let id = EventId::new(format!("row {number}")).unwrap();
        let named = Event::new(format!("named {number}")).with_id(id.clone());
        let first = dropped_after(polls, channel.publish(&named)).await.map(Result::unwrap);
        match channel.publish(&named).await {
            Ok(_) => assert!(first.is_none(), "{id} is stored twice"),
            Err(PublishError::DuplicateId { id: duplicate }) => assert_eq!(duplicate, id),
            Err(error) => panic!("{error}"),
        }
        acknowledged.push(format!("named {number}"));
        let batch = [0, 1].map(|part| Event::new(format!("batch {number}.{part}")));
        let is_batch = dropped_after(polls, channel.publish_all(&batch)).await.map(Result::unwrap).is_some();
        if is_batch {
            acknowledged.extend([0, 1].map(|part| format!("batch {number}.{part}")));
        }
        is_plain && is_batch && first.is_some()
    })
    .await;
    channel.publish(&Event::new("last")).await.unwrap();

    let mut seen = Vec::new();
    for polls in (0..5).cycle() {
        let Some(frame) = dropped_after(polls, subscription.next()).await else { continue };
        let frame = frame.unwrap().unwrap();
        let text = String::from_utf8(frame.as_ref().to_vec()).unwrap();
        seen.extend(text.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned));
        if seen.last().is_some_and(|data| data == "last") {
            break;
        }
    }
    assert_eq!(seen, case.data(Range::after(0)).await, "what a client gets, and what is stored");
    let mut once = seen.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "each is stored once: {seen:?}");
    let batches: Vec<_> = seen.iter().filter(|data| data.starts_with("batch ")).collect();
    for batch in batches.chunks(2) {
        let name = batch[0].strip_suffix('0').unwrap_or_default();
        assert_eq!(batch, [&format!("{name}0"), &format!("{name}1")], "half a batch");
    }
    let stored: Vec<_> = seen.into_iter().filter(|data| acknowledged.contains(data)).collect();
    assert_eq!(stored, acknowledged, "in the order in which they were acknowledged");
}
