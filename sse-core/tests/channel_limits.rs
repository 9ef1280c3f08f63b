//! How many subscribers, how long an event, how often they are woken.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::{FutureExt as _, Stream, StreamExt as _};
use support::{data, ready};
use typed_sse_core::{
    Channel, Event, Frame, PublishError, Start, SubscriberLimit, SubscriptionError, Topics,
};

/// Whether a subscription gets nothing but a long reconnection time.
async fn is_sent_away(subscription: impl Stream<Item = Result<Frame, SubscriptionError>>) -> bool {
    let frames: Vec<_> = subscription.map(Result::unwrap).collect().await;
    let [only] = &frames[..] else { panic!("{frames:?}") };
    let text = std::str::from_utf8(only.as_ref()).unwrap();
    let ms: u64 = text.strip_prefix("retry: ").unwrap().trim_end().parse().unwrap();
    (30_000..=60_000).contains(&ms) && !only.is_event()
}

#[tokio::test]
async fn one_limit_holds_for_several_channels_and_topics() {
    let limit = SubscriberLimit::new(3);
    let news = Channel::<Event>::builder().limit(&limit).build();
    let orders = Topics::<Event>::builder().channel(Channel::builder().limit(&limit)).build();

    let reader = news.subscribe(None);
    let buyer = orders.subscribe(["41", "42", "43"], None).unwrap();
    let seller = orders.channel("41").unwrap().subscribe(None);
    assert_eq!(limit.taken(), 3, "one over several topics counts once");

    assert!(is_sent_away(news.subscribe(None).start(Start::Earliest)).await);
    assert!(is_sent_away(orders.subscribe(["44"], None).unwrap().start(Start::Earliest)).await);
    assert!(is_sent_away(orders.channel("44").unwrap().subscribe(None)).await);
    assert_eq!((limit.taken(), news.subscribers()), (3, 1), "who was sent away takes no place");

    drop(buyer);
    assert_eq!(limit.taken(), 2);
    assert!(news.subscribe(None).no_checkpoints().next().now_or_never().is_none(), "there is room again");
    drop((reader, seller));
    assert_eq!(limit.taken(), 0);
}

#[tokio::test]
async fn a_channel_that_is_full_takes_no_place_under_the_limit() {
    let limit = SubscriberLimit::new(3);
    let news = Channel::<Event>::builder().limit(&limit).subscribers(1).build();
    let _reader = news.subscribe(None);
    assert!(is_sent_away(news.subscribe(None)).await);
    assert_eq!(limit.taken(), 1);
}

#[tokio::test]
async fn one_event_has_a_bound_of_its_own() {
    let channel = Channel::<Event>::builder().event_bytes(60).build();
    for _ in 0..10 {
        channel.publish(&Event::new("x".repeat(20))).await.unwrap();
    }
    match channel.publish(&Event::new("x".repeat(60))).await.unwrap_err() {
        error @ PublishError::TooLong { limit: 60, .. } => {
            assert!(error.to_string().contains("raise `Builder::event_bytes`"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(data(&ready(&mut channel.subscribe(None).start(Start::Last(100)))).len(), 10);
}

#[derive(Default)]
struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn events_wait_for_each_other_and_wake_once() {
    let channel = Channel::<Event>::builder().linger(Duration::from_millis(5)).build();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    for round in 0..3 {
        let counted = Arc::new(Counted::default());
        let waker = Waker::from(Arc::clone(&counted));
        assert!(subscription.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
        for n in 0..100 {
            channel.publish(&Event::new(format!("{round}/{n}"))).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(4)).await;
        assert_eq!(counted.0.load(Ordering::Relaxed), 0, "not yet");
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert_eq!(counted.0.load(Ordering::Relaxed), 1, "once for all");
        assert_eq!(data(&ready(&mut subscription)).len(), 100);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_waiting_when_events_come_one_by_one() {
    let channel = Channel::<Event>::builder().linger(Duration::from_millis(5)).build();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    let publisher = channel.clone();
    let publishing = tokio::spawn(async move {
        for n in 0..100 {
            tokio::time::sleep(Duration::from_millis(n % 7)).await;
            publisher.publish(&Event::new(n.to_string())).await.unwrap();
        }
    });
    for n in 0..100 {
        assert_eq!(data(&[subscription.next().await.unwrap().unwrap()]), [n.to_string()]);
    }
    publishing.await.unwrap();
}

#[test]
fn without_a_runtime_an_event_wakes_at_once() {
    let channel = Channel::<Event>::builder().linger(Duration::from_secs(3600)).build();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    let counted = Arc::new(Counted::default());
    let waker = Waker::from(Arc::clone(&counted));
    assert!(subscription.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    channel.publish(&Event::new("x")).now_or_never().unwrap().unwrap();
    assert_eq!(counted.0.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_drain_does_not_wait_for_the_linger() {
    let channel = Channel::<Event>::builder().linger(Duration::from_secs(3600)).build();
    let client = tokio::spawn(channel.subscribe(None).map(Result::unwrap).collect::<Vec<_>>());
    tokio::task::yield_now().await;
    channel.publish(&Event::new("last")).await.unwrap();
    let report = channel.drain(Duration::from_secs(1)).await;
    assert_eq!((report.ended, report.cut), (1, 0));
    assert_eq!(data(&client.await.unwrap()), ["last"]);
}
