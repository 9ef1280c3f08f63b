//! Clients that come back together: their replay is admitted at a rate, live events are not.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use support::{data, ready};
use tokio::time::Instant;
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Event, EventId, LastEventId, SseEvent, Start, SubscriptionError,
    Topics,
};

/// About a kilobyte with its fields.
const EVENT: usize = 970;

fn event() -> Event {
    Event::new("x".repeat(EVENT))
}

async fn fill(channel: &Channel<Event>, events: usize) -> EventId {
    let before = channel.cursor();
    for _ in 0..events {
        channel.publish(&event()).await.unwrap();
    }
    before
}

#[tokio::test(start_paused = true)]
async fn replay_is_spread_over_time_and_live_delivery_is_not() {
    const CLIENTS: usize = 50;
    let channel = Channel::<Event>::builder().replay_rate(1_000_000).build();
    let before = fill(&channel, 200).await;
    let mut live = channel.subscribe(None).no_checkpoints();
    let start = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let subscription = channel.subscribe(LastEventId::from(before.clone()));
            tokio::spawn(
                subscription.take(200).map(Result::unwrap).map(|_| Instant::now()).collect::<Vec<_>>(),
            )
        })
        .collect();

    // All of them want 10 MB at 1 MB per second: for ten seconds there is somebody who waits.
    for second in 1..=9 {
        tokio::time::sleep_until(start + Duration::from_secs(second)).await;
        assert!(channel.counters().waiting > 0, "after {second} s");
        channel.publish(&event()).await.unwrap();
        assert!(live.next().now_or_never().is_some(), "a live event waits for nobody");
    }
    let mut per_second = [0; 20];
    for client in clients {
        for at in client.await.unwrap() {
            per_second[at.duration_since(start).as_secs() as usize] += 1;
        }
    }
    let last = start.elapsed().as_secs_f64();
    assert!((9.5..11.0).contains(&last), "done after {last} s");
    // A turn is 64 kB, and the first tenth of a second is given out at once.
    assert!(per_second.iter().all(|events| *events <= 1200), "{per_second:?}");
    assert_eq!(channel.counters().waiting, 0);
}

#[tokio::test(start_paused = true)]
async fn turns_come_in_the_order_of_asking() {
    let channel = Channel::<Event>::builder().replay_rate(100_000).build();
    let before = fill(&channel, 50).await;
    let (told, mut done) = tokio::sync::mpsc::unbounded_channel();
    for client in 0..20 {
        let mut subscription = channel.subscribe(LastEventId::from(before.clone()));
        let told = told.clone();
        tokio::spawn(async move {
            for _ in 0..50 {
                subscription.next().await.unwrap().unwrap();
            }
            told.send(client).unwrap();
        });
    }
    drop(told);
    let mut order = Vec::new();
    while let Some(client) = done.recv().await {
        order.push(client);
    }
    assert_eq!(order, (0..20).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn who_has_nothing_to_replay_waits_for_nobody() {
    let channel = Channel::<Event>::builder().replay_rate(1).no_checkpoints().build();
    fill(&channel, 10).await;
    let mut late = channel.subscribe(None).start(Start::Earliest);
    assert_eq!(ready(&mut late).len(), 10, "the first turn after a rest");
    let mut waiting = channel.subscribe(None).start(Start::Earliest);
    assert!(waiting.next().now_or_never().is_none());
    assert_eq!(channel.counters().waiting, 1);
    let mut live = channel.subscribe(None);
    let mut caught_up = channel.subscribe(LastEventId::from(channel.cursor()));
    fill(&channel, 1).await;
    assert_eq!((ready(&mut live).len(), ready(&mut caught_up).len()), (1, 1));
    drop(waiting);
    assert_eq!(channel.counters().waiting, 0, "one that leaves waits no more");
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_those_that_wait() {
    let channel = Channel::<Event>::builder().replay_rate(1).build();
    fill(&channel, 10).await;
    let clients: Vec<_> = (0..10)
        .map(|_| tokio::spawn(channel.subscribe(None).start(Start::Earliest).map(Result::unwrap).collect()))
        .collect();
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(channel.counters().waiting, 9);
    let report = channel.drain(Duration::from_secs(5)).await;
    assert_eq!((report.ended, report.cut), (10, 0));
    for client in clients {
        let frames: Vec<_> = client.await.unwrap();
        assert!(
            frames.last().unwrap().as_ref().starts_with(b"retry: "),
            "the last one is a reconnection time"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_beyond_the_retention_is_told() {
    let channel = Channel::<Event>::builder().replay_rate(10_000).events(10).no_checkpoints().build();
    fill(&channel, 10).await;
    ready(&mut channel.subscribe(None).start(Start::Earliest));
    let mut waiting = channel.subscribe(None).start(Start::Earliest);
    assert!(waiting.next().now_or_never().is_none());
    fill(&channel, 10).await;
    assert!(matches!(waiting.next().await, Some(Err(SubscriptionError::Lagged))));
    assert_eq!(channel.counters().waiting, 0);
}

struct Price(String);

impl SseEvent for Price {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.key(&self.0)?.text(&"x".repeat(EVENT))
    }
}

#[tokio::test(start_paused = true)]
async fn the_newest_of_each_key_is_admitted_too() {
    let channel = Channel::<Price>::builder().replay_rate(100_000).build();
    for n in 0..100 {
        channel.publish(&Price(n.to_string())).await.unwrap();
    }
    let start = Instant::now();
    for _ in 0..10 {
        let board = channel.subscribe(None).start(Start::LatestPerKey).no_checkpoints();
        assert_eq!(board.take(100).count().await, 100);
    }
    let took = start.elapsed().as_secs_f64();
    assert!((7.0..13.0).contains(&took), "a megabyte took {took} s");
}

#[tokio::test(start_paused = true)]
async fn topics_have_one_rate_together() {
    let builder = Channel::builder().replay_rate(100_000);
    let topics = Topics::<Event>::builder().channel(builder).build();
    let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    for name in &names {
        fill(&topics.channel(name).unwrap(), 50).await;
    }
    let start = Instant::now();
    let all = topics.subscribe(&names, None).unwrap().start(Start::Earliest).no_checkpoints();
    let frames: Vec<_> = all.take(500).map(Result::unwrap).collect().await;
    let took = start.elapsed().as_secs_f64();
    assert!((3.5..6.5).contains(&took), "half a megabyte took {took} s");
    let ids: Vec<u64> = frames.iter().map(|frame| frame.id().unwrap()[9..].parse().unwrap()).collect();
    assert!(ids.is_sorted(), "waiting changes no order");
}

#[test]
fn without_a_runtime_there_is_no_bound() {
    let channel = Channel::<Event>::builder().replay_rate(1).build();
    channel.publish(&Event::new("x")).now_or_never().unwrap().unwrap();
    for _ in 0..3 {
        assert_eq!(data(&ready(&mut channel.subscribe(None).start(Start::Earliest))), ["x"]);
    }
}
