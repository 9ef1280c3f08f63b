//! Keys, slow subscribers, filters and limits.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use support::{data, ready, reset};
use typed_sse_core::{
    Builder, Channel, EncodeError, Encoded, Encoder, Event, EventType, LastEventId, ResetReason, Resumption,
    Slow, SseEvent, Start, SubscriptionError,
};

enum Price {
    Changed(&'static str, u32),
    Delisted(&'static str),
    /// Without a key.
    Note(u32),
}

use Price::{Changed, Delisted, Note};

impl SseEvent for Price {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        const NOTE: EventType = EventType::from_static("note");
        match self {
            Changed(symbol, price) => encoder.key(symbol)?.text(&format!("{symbol}={price}")),
            Delisted(symbol) => encoder.key(symbol)?.tombstone()?.text(&format!("{symbol} gone")),
            Note(n) => encoder.event_type(&NOTE)?.text(&format!("note {n}")),
        }
    }
}

fn channel(configure: impl FnOnce(Builder<Price>) -> Builder<Price>) -> Channel<Price> {
    configure(Channel::builder()).build()
}

async fn publish(channel: &Channel<Price>, events: impl IntoIterator<Item = Price>) -> Vec<LastEventId> {
    let mut ids = Vec::new();
    for event in events {
        ids.push(channel.publish(&event).await.unwrap().into());
    }
    ids
}

#[tokio::test]
async fn latest_per_key_then_live() {
    let channel = channel(|builder| builder);
    let before = [Changed("A", 1), Changed("B", 1), Note(1), Changed("A", 2), Changed("C", 1), Delisted("C")];
    publish(&channel, before).await;
    let mut board = channel.subscribe(None).start(Start::LatestPerKey);
    assert_eq!(board.replayed(), 2);
    publish(&channel, [Changed("B", 2), Note(2)]).await;
    // B changed before it was read: its newest comes once, where it was published.
    assert_eq!(data(&ready(&mut board)), ["A=2", "B=2", "note 2"]);
}

#[tokio::test]
async fn quiet_keys_outlive_the_retention_up_to_their_bound() {
    let channel = channel(|builder| builder.events(3).keys(2));
    publish(&channel, [Changed("A", 1), Changed("B", 1), Changed("C", 1), Delisted("D")]).await;
    publish(&channel, (0..10).map(Note)).await;
    let mut board = channel.subscribe(None).start(Start::LatestPerKey);
    assert_eq!(board.replayed(), 2);
    assert_eq!(data(&ready(&mut board)), ["B=1", "C=1"], "A had been quiet for longest");
    publish(&channel, [Changed("B", 2), Delisted("C")]).await;
    assert_eq!(data(&ready(&mut channel.subscribe(None).start(Start::LatestPerKey))), ["B=2"]);
}

#[tokio::test]
async fn kept_keys_are_bound_by_bytes_too() {
    let channel = channel(|builder| builder.bytes(100).keys(1000));
    let names: Vec<&'static str> = (0..50).map(|n| &*format!("key-{n}").leak()).collect();
    publish(&channel, names.iter().map(|name| Changed(name, 1))).await;
    let frames = ready(&mut channel.subscribe(None).start(Start::LatestPerKey));
    let bytes: usize = frames.iter().map(|frame| frame.as_ref().len()).sum();
    assert!(bytes <= 200 && data(&frames).last().unwrap() == "key-49=1", "{bytes} bytes");
}

#[tokio::test]
async fn a_client_that_breaks_off_within_the_latest_loses_none() {
    let channel = channel(|builder| builder.events(3));
    publish(&channel, [Changed("A", 1), Changed("B", 1), Changed("C", 1), Changed("D", 1), Changed("E", 1)])
        .await;
    let mut first = channel.subscribe(LastEventId::from("nonsense")).start(Start::LatestPerKey);
    for seen in 0..4 {
        // Right behind the reset, or behind an event that is no longer retained, or behind one that is.
        let frame = first.next().await.unwrap().unwrap();
        let id = LastEventId::from(frame.id().unwrap());
        let mut back = channel.subscribe(id).start(Start::LatestPerKey);
        let expected = match (back.resumption(), seen) {
            (Resumption::Reset(_), 0 | 1) => vec!["A=1", "B=1", "C=1", "D=1", "E=1"],
            (Resumption::Complete, 2) => vec!["C=1", "D=1", "E=1"],
            (Resumption::Complete, 3) => vec!["D=1", "E=1"],
            other => panic!("{other:?}"),
        };
        let all = data(&ready(&mut back));
        assert_eq!(all[all.len() - expected.len()..], expected);
        assert!(all.len() - expected.len() <= 1, "and nothing but a reset before");
    }
}

#[tokio::test]
async fn skipping_is_a_reset_that_counts_and_goes_on() {
    let channel = channel(|builder| builder.events(3).slow(Slow::Skip));
    let mut live = channel.subscribe(None);
    let mut earliest = channel.subscribe(None).start(Start::Earliest);
    publish(&channel, [Note(0)]).await;
    assert_eq!(data(&ready(&mut live)), ["note 0"]);
    assert_eq!(data(&ready(&mut earliest)), ["note 0"]);
    publish(&channel, (1..10).map(Note)).await;
    assert_eq!(data(&ready(&mut live)), [r#"{"reason":"lagged","missed":9}"#]);
    assert_eq!(reset(&live), (ResetReason::Lagged, Some(9)));
    let again = [r#"{"reason":"lagged","missed":6}"#, "note 7", "note 8", "note 9"];
    assert_eq!(data(&ready(&mut earliest)), again);
    publish(&channel, [Note(10)]).await;
    assert_eq!(data(&ready(&mut live)), ["note 10"]);
}

#[tokio::test]
async fn coalescing_skips_what_is_superseded() {
    let channel = channel(|builder| builder.events(6));
    let mut slow = channel.subscribe(None).slow(Slow::Coalesce);
    let mut all = channel.subscribe(None);
    publish(&channel, [Changed("A", 1), Changed("B", 1), Note(1), Changed("A", 2), Delisted("B")]).await;
    assert_eq!(data(&ready(&mut slow)), ["note 1", "A=2", "B gone"]);
    assert_eq!(data(&ready(&mut all)), ["A=1", "B=1", "note 1", "A=2", "B gone"]);
    // Overtaken all the same, it starts over with the newest of each key.
    publish(&channel, [Changed("C", 1)]).await;
    publish(&channel, (0..10).map(Note)).await;
    let frames = ready(&mut slow);
    assert_eq!(data(&frames), [r#"{"reason":"lagged","missed":null}"#, "A=2", "C=1"]);
    publish(&channel, [Changed("A", 3)]).await;
    assert_eq!(data(&ready(&mut slow)), ["A=3"]);
}

#[tokio::test]
async fn a_subscription_may_choose_otherwise_than_its_channel() {
    let channel = channel(|builder| builder.events(2).slow(Slow::Skip));
    let mut strict = channel.subscribe(None).slow(Slow::Disconnect);
    publish(&channel, (0..5).map(Note)).await;
    assert!(matches!(strict.next().await, Some(Err(SubscriptionError::Lagged))));
    assert!(strict.next().await.is_none());
}

#[tokio::test]
async fn filters_narrow_by_type_key_and_id() {
    let channel = channel(|builder| builder);
    let events = [Changed("A", 1), Changed("B", 1), Note(1), Changed("A", 2)];
    let ids = publish(&channel, events).await;
    let from = |keep: fn(&typed_sse_core::Frame) -> bool| {
        data(&ready(&mut channel.subscribe(None).start(Start::Earliest).filter(keep)))
    };
    assert_eq!(from(|frame| frame.key() == Some("A")), ["A=1", "A=2"]);
    assert_eq!(from(|frame| frame.event_type() == "note"), ["note 1"]);
    assert_eq!(from(|frame| frame.id().is_some_and(|id| id.ends_with("-2"))), ["B=1"]);
    let mut latest =
        channel.subscribe(None).start(Start::LatestPerKey).filter(|frame| frame.key() == Some("B"));
    assert_eq!(data(&ready(&mut latest)), ["B=1"]);
    let mut back = channel.subscribe(ids[0].clone()).filter(|frame| frame.key() == Some("A"));
    assert_eq!(data(&ready(&mut back)), ["A=2"]);
}

#[tokio::test]
async fn a_checkpoint_spares_a_narrowed_client_a_false_reset() {
    let channel = channel(|builder| builder.events(10));
    let mut narrow = channel.subscribe(None).filter(|frame| frame.key().is_some()).checkpoint(4);
    publish(&channel, [Changed("A", 1)]).await;
    publish(&channel, (0..9).map(Note)).await;
    let frames = ready(&mut narrow);
    assert_eq!(data(&frames), ["A=1"], "a client dispatches nothing for a checkpoint");
    let ids = frames.iter().map(|frame| (frame.id().unwrap().rsplit_once('-').unwrap().1, frame.is_event()));
    assert_eq!(ids.collect::<Vec<_>>(), [("1", true), ("5", false), ("9", false)]);
    let checkpoint = frames[2].id().unwrap().to_owned();
    assert_eq!(frames[2].as_ref(), format!("id: {checkpoint}\n\n").as_bytes());

    publish(&channel, (0..9).map(Note)).await;
    let back = channel.subscribe(LastEventId::from(&*checkpoint));
    assert_eq!(back.resumption(), Resumption::Complete);
    let without = channel.subscribe(LastEventId::from(frames[0].id().unwrap()));
    assert_eq!(reset(&without).0, ResetReason::Trimmed);
}

#[tokio::test]
async fn the_applications_own_reset() {
    let channel: Channel<Event> = Channel::builder()
        .reset_with(|reset| {
            let data = format!("{} {:?}", reset.reason, reset.missed);
            Event::new(data).with_event_type(EventType::from_static("start_over"))
        })
        .build();
    channel.publish(&Event::new("x")).await.unwrap();
    let frames = ready(&mut channel.subscribe(LastEventId::from("nonsense")));
    assert_eq!(frames[0].event_type(), "start_over");
    assert!(frames[0].id().unwrap().ends_with("-1"), "it names the place from which the client goes on");
    assert_eq!(data(&frames), ["unknown None"]);
}

#[tokio::test]
async fn one_subscriber_too_many_is_sent_away_for_long() {
    let channel = channel(|builder| builder.subscribers(2));
    let first = channel.subscribe(None);
    let _second = channel.subscribe(None);
    publish(&channel, [Note(1)]).await;
    let frames: Vec<_> = channel.subscribe(None).start(Start::Earliest).map(Result::unwrap).collect().await;
    let [only] = &frames[..] else { panic!("{frames:?}") };
    let text = std::str::from_utf8(only.as_ref()).unwrap();
    let ms: u64 = text.strip_prefix("retry: ").unwrap().trim_end().parse().unwrap();
    assert!((30_000..=60_000).contains(&ms) && !only.is_event());
    assert_eq!(channel.subscribers(), 2);
    drop(first);
    assert!(channel.subscribe(None).next().now_or_never().is_none(), "there is room again");
}

#[tokio::test(start_paused = true)]
async fn a_drain_finds_subscribers_within_the_latest() {
    let channel = channel(|builder| builder);
    publish(&channel, [Changed("A", 1), Changed("B", 1)]).await;
    let board = channel.subscribe(None).start(Start::LatestPerKey);
    let client = tokio::spawn(board.map(Result::unwrap).collect::<Vec<_>>());
    let report = channel.drain(Duration::from_secs(1)).await;
    assert_eq!((report.ended, report.cut), (1, 0));
    let frames = client.await.unwrap();
    assert_eq!(data(&frames), ["A=1", "B=1"]);
    assert!(!frames[2].is_event());
}
