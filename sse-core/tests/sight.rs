//! What a channel counts, and what it reports of that.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use support::ready;
use typed_sse_core::{
    Channel, Counters, EncodeError, Encoded, Encoder, Event, LastEventId, Slow, SseEvent, Start, Topics,
};

/// An event with a key.
struct Price(&'static str, u32);

impl SseEvent for Price {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.key(self.0)?.text(&self.1.to_string())
    }
}

async fn publish<E: SseEvent>(channel: &Channel<E>, events: impl IntoIterator<Item = E>) {
    for event in events {
        channel.publish(&event).await.unwrap();
    }
}

fn notes(n: u32) -> impl Iterator<Item = Event> {
    (0..n).map(|n| Event::new(n.to_string()))
}

#[tokio::test]
async fn the_log_is_counted() {
    let channel = Channel::<Event>::builder().events(10).build();
    assert_eq!(channel.counters(), Counters::default());
    publish(&channel, notes(10)).await;
    let full = channel.counters();
    assert_eq!((full.published, full.retained, full.trimmed), (10, 10, 0));
    assert_eq!(full.retained_bytes, full.published_bytes);
    publish(&channel, notes(15)).await;
    let later = channel.counters();
    assert_eq!((later.published, later.retained, later.trimmed), (25, 10, 15));
    assert!(later.published_bytes > 2 * later.retained_bytes);
}

#[tokio::test]
async fn what_is_delivered_replayed_and_left_out_is_counted() {
    let channel = Channel::<Event>::new();
    publish(&channel, notes(4)).await;
    let mut all = channel.subscribe(None).start(Start::Last(3));
    let mut none = channel.subscribe(None).start(Start::Earliest).filter(|_| false);
    publish(&channel, notes(2)).await;
    assert_eq!(channel.counters().lag, 6, "of the one that has read nothing");
    ready(&mut all);
    ready(&mut none);
    let counters = channel.counters();
    assert_eq!((counters.delivered, counters.replayed, counters.filtered), (5, 3, 6));
    assert_eq!((counters.subscribers, counters.subscribed, counters.lag), (2, 2, 0));
    drop((all, none));
    assert_eq!((channel.counters().subscribers, channel.counters().subscribed), (0, 2));
}

#[tokio::test]
async fn a_reader_that_goes_hands_in_what_it_counted() {
    let channel = Channel::<Event>::new();
    let mut subscription = channel.subscribe(None);
    publish(&channel, notes(3)).await;
    assert!(!subscription.next().await.unwrap().unwrap().is_event());
    assert!(subscription.next().await.unwrap().unwrap().is_event());
    drop(subscription);
    assert_eq!(channel.counters().delivered, 1, "its place is no event");
}

#[tokio::test]
async fn resets_are_counted_by_their_reason() {
    let channel = Channel::<Event>::builder().events(5).slow(Slow::Skip).build();
    publish(&channel, notes(1)).await;
    let first = channel.cursor();
    let mut slow = channel.subscribe(None);
    publish(&channel, notes(10)).await;
    for id in ["nonsense", "abcdefgh-1", first.as_str()] {
        // Moved back to its beginning, it is still told of one reset.
        ready(&mut channel.subscribe(LastEventId::from(id)).start(Start::Earliest));
    }
    ready(&mut slow);
    let resets = channel.counters().resets;
    assert_eq!((resets.unknown, resets.epoch, resets.trimmed, resets.lagged), (1, 1, 1, 1));
    assert_eq!(resets.total(), 4);
}

#[tokio::test]
async fn those_that_do_not_get_on_are_counted() {
    let channel = Channel::<Event>::builder().events(5).subscribers(1).build();
    let mut slow = channel.subscribe(None).no_checkpoints();
    let _ = channel.subscribe(None);
    publish(&channel, notes(10)).await;
    assert!(slow.next().await.unwrap().is_err());
    let counters = channel.counters();
    assert_eq!((counters.subscribed, counters.sent_away, counters.disconnected), (2, 1, 1));
}

#[tokio::test]
async fn what_is_skipped_for_a_newer_one_is_counted() {
    let channel = Channel::<Price>::builder().slow(Slow::Coalesce).build();
    let mut subscription = channel.subscribe(None);
    publish(&channel, [Price("A", 1), Price("B", 1), Price("A", 2), Price("A", 3)]).await;
    ready(&mut subscription);
    let counters = channel.counters();
    assert_eq!((counters.delivered, counters.superseded, counters.replayed), (2, 2, 0));
}

#[tokio::test]
async fn topics_are_counted_together_and_beyond_their_end() {
    let topics = Topics::<Event>::builder().topics(2).build();
    let mut both = topics.subscribe(["a", "b"], LastEventId::from("nonsense")).unwrap();
    publish(&topics.channel("a").unwrap(), notes(2)).await;
    publish(&topics.channel("b").unwrap(), notes(1)).await;
    for _ in 0..4 {
        both.next().await.unwrap().unwrap();
    }
    drop(both);
    let before = topics.counters();
    assert_eq!((before.published, before.delivered, before.retained), (3, 3, 3));
    assert_eq!(before.resets.unknown, 1, "one reset was told");
    topics.channel("c").unwrap();
    topics.channel("d").unwrap();
    let after = topics.counters();
    assert_eq!((after.published, after.delivered, after.subscribed), (3, 3, 2), "nothing counts backwards");
    assert_eq!((after.retained, after.retained_bytes, after.trimmed), (0, 0, 3));
}

#[tokio::test]
async fn counters_are_reported_through_the_facade() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let channel = Channel::<Event>::builder().events(5).build();
    let _subscription = channel.subscribe(None);
    metrics::with_local_recorder(&recorder, Counters::describe);
    for n in [3, 4] {
        publish(&channel, notes(n)).await;
        metrics::with_local_recorder(&recorder, || channel.counters().report("market"));
    }
    let reported: BTreeMap<String, (DebugValue, bool)> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, help, value)| {
            let (_, key) = key.into_parts();
            let labels: Vec<_> =
                key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            (format!("{}{{{}}}", key.name(), labels.join(",")), (value, help.is_some()))
        })
        .collect();
    let value = |name: &str| &reported[&format!("{name}{{channel=market}}")].0;
    assert_eq!(*value("typed_sse_published_total"), DebugValue::Counter(7), "absolute, not added");
    assert_eq!(*value("typed_sse_retained"), DebugValue::Gauge(5.0.into()));
    assert_eq!(*value("typed_sse_lag"), DebugValue::Gauge(7.0.into()));
    assert_eq!(reported["typed_sse_resets_total{channel=market,reason=lagged}"].0, DebugValue::Counter(0));
    assert_eq!(reported.len(), 21 + 4);
    assert!(reported.values().all(|(_, described)| *described));
}
