//! What ends.

use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_core::Stream as _;
use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{Channel, Event, LastEventId, PublishError, SseBody, Start, Topics, TopicsSubscription};

use super::{Row, numbers, publish, see};

/// Whether an adapter answers `204`.
fn is_over<E: 'static>(subscription: typed_sse_core::Subscription<E>) -> bool {
    SseBody::new(subscription.map(|frame| frame)).is_empty()
}

#[tokio::test]
async fn a_finished_channel_gives_all_and_then_the_end() {
    let channel = Channel::<Event>::new();
    let mut connected = channel.subscribe(None);
    numbers(&channel, 1..=3);
    channel.finish().await.unwrap();
    channel.finish().await.unwrap();
    let seen = see(&mut connected);
    assert_eq!((seen.data(), seen.ended), (vec!["1", "2", "3"], true));
    assert!(connected.next().await.is_none());
    // Whoever comes back with everything, or comes late and wants nothing, is told to stop.
    assert!(is_over(channel.subscribe(seen.id())));
    assert!(is_over(channel.subscribe(None)));
    assert_eq!(channel.subscribe(seen.id()).size_hint(), (0, Some(0)));
    // Who has not gets the rest.
    let first = see(&mut channel.subscribe(None).start(Start::Earliest).take(2));
    for (start, last, expected) in [
        (Start::Live, &*first.last, &["2", "3"][..]),
        (Start::Earliest, "", &["1", "2", "3"]),
        (Start::Last(1), "", &["3"]),
        (Start::Last(1), "nonsense", &[r#"{"reason":"unknown","missed":null}"#, "3"]),
    ] {
        assert!(!is_over(channel.subscribe(last).start(start)));
        let seen = see(&mut channel.subscribe(last).start(start));
        assert_eq!((seen.data(), seen.ended), (expected.to_vec(), true));
        assert!(is_over(channel.subscribe(seen.id()).start(start)), "{start:?}");
    }
    // A reset is told, and then it is over.
    let seen = see(&mut channel.subscribe("nonsense"));
    assert_eq!((seen.resets().len(), seen.ended), (1, true));
    assert!(is_over(channel.subscribe(seen.id())));
    // Nothing more is taken, and nothing is lost in silence.
    assert!(matches!(channel.publish(&Event::new("4")).await, Err(PublishError::Finished)));
    assert!(matches!(channel.publish_now(&Event::new("4")), Err(PublishError::Finished)));
    assert!(matches!(channel.publish_all(&[Event::new("4")]).await, Err(PublishError::Finished)));
}

#[tokio::test]
async fn one_that_waits_is_woken_by_the_end() {
    let channel = Channel::<Event>::new();
    let waiting = tokio::spawn(channel.subscribe(None).no_checkpoints().collect::<Vec<_>>());
    tokio::task::yield_now().await;
    channel.finish_now();
    assert!(waiting.await.unwrap().is_empty());
    let topics = Topics::<Event>::new();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    let both = topics.subscribe(["a", "b"], None).unwrap().no_checkpoints();
    let waiting = tokio::spawn(both.map(Result::unwrap).collect::<Vec<_>>());
    tokio::task::yield_now().await;
    a.finish_now();
    tokio::task::yield_now().await;
    numbers(&b, 1..=1);
    b.finish_now();
    assert_eq!(waiting.await.unwrap().len(), 1, "it goes on in the other");
}

#[tokio::test]
async fn a_narrow_client_of_a_finished_channel_is_done_too() {
    let channel = Channel::<Event>::new();
    let narrow =
        |last: LastEventId| channel.subscribe(last).filter(|frame| frame.as_ref().ends_with(b": 1\n\n"));
    let mut connected = narrow(LastEventId::default());
    numbers(&channel, 1..=9);
    channel.finish_now();
    let seen = see(&mut connected);
    assert_eq!((seen.data(), seen.ended), (vec!["1"], true));
    assert!(is_over(narrow(seen.id())));
    // And without blocks that have only an ID.
    let quiet = |last: LastEventId| narrow(last).no_checkpoints().start(Start::Earliest);
    let seen = see(&mut quiet(LastEventId::default()));
    assert!(seen.ended && is_over(quiet(seen.id())));
}

#[tokio::test]
async fn the_newest_of_each_key_of_a_finished_channel() {
    let channel = Channel::<Row>::new();
    publish(&channel, &Row::Price(1, 1));
    publish(&channel, &Row::Price(2, 1));
    channel.finish_now();
    let board = |last: LastEventId| channel.subscribe(last).start(Start::LatestPerKey);
    assert!(!is_over(board(LastEventId::default())));
    let seen = see(&mut board(LastEventId::default()));
    assert_eq!((seen.data(), seen.ended), (vec!["1=1", "2=1"], true));
    assert!(is_over(board(seen.id())));
}

#[tokio::test]
async fn a_subscription_ends_behind_the_event_that_is_named() {
    let channel = Channel::<Event>::new();
    let until =
        |last: LastEventId| channel.subscribe(last).until(|frame| frame.as_ref().ends_with(b": 3\n\n"));
    let mut subscription = until(LastEventId::default());
    numbers(&channel, 1..=2);
    assert_eq!(see(&mut subscription).data(), ["1", "2"]);
    numbers(&channel, 3..=5);
    let seen = see(&mut subscription);
    assert_eq!((seen.data(), seen.ended), (vec!["3"], true));
    assert!(is_over(until(seen.id())), "it comes back with it");
    assert!(!is_over(channel.subscribe(seen.id())));
    let topics = Topics::<Event>::new();
    let mut subscription =
        topics.subscribe(["a", "b"], None).unwrap().until(|frame| frame.as_ref().ends_with(b": 3\n\n"));
    numbers(&topics.channel("a").unwrap(), 1..=2);
    numbers(&topics.channel("b").unwrap(), 3..=4);
    let seen = see(&mut subscription);
    assert_eq!((seen.data(), seen.ended), (vec!["1", "2", "3"], true));
}

#[tokio::test]
async fn a_topic_is_closed_and_made_anew() {
    let topics = Topics::<Event>::new();
    let user = topics.channel("user/7").unwrap();
    let mut alone = topics.subscribe(["user/7"], None).unwrap();
    let mut both = topics.subscribe(["user/7", "user/8"], None).unwrap();
    numbers(&user, 1..=2);
    topics.close("user/7");
    let seen = see(&mut alone);
    assert_eq!((seen.data(), seen.ended), (vec!["1", "2"], true));
    let over = |subscription: TopicsSubscription<Event>| SseBody::new(subscription).is_empty();
    assert!(over(topics.subscribe(["user/7"], seen.id()).unwrap()), "its client stops");
    assert!(topics.is_empty() || topics.len() == 1, "and does not make it anew");
    assert!(matches!(user.publish_now(&Event::new("lost")), Err(PublishError::Finished)));
    // Who has others goes on with them.
    let before = see(&mut both);
    assert_eq!((before.data(), before.ended), (vec!["1", "2"], false));
    numbers(&topics.channel("user/8").unwrap(), 3..=3);
    assert_eq!(see(&mut both).data(), ["3"]);
    // The next one of its name begins fresh.
    let mut fresh = topics.subscribe(["user/7"], None).unwrap().start(Start::Earliest);
    numbers(&topics.channel("user/7").unwrap(), 4..=4);
    assert_eq!(see(&mut fresh).data(), ["4"]);
    assert!(over(topics.subscribe(["user/7"], seen.id()).unwrap()), "who was told to stop is told again");
    topics.close("never made");
}

#[tokio::test]
async fn nothing_hangs_that_ended_before_it_was_polled() {
    let channel = Channel::<Event>::new();
    let subscription = channel.subscribe(None);
    channel.finish_now();
    let frames: Vec<_> = subscription.collect().now_or_never().unwrap();
    assert!(frames.len() <= 1);
}

/// A waker may do anything, also with the topics.
#[test]
fn a_topic_is_closed_without_a_lock() {
    struct Looks(Topics<Event>, Mutex<Option<TopicsSubscription<Event>>>);
    impl Wake for Looks {
        fn wake(self: Arc<Self>) {
            assert!(self.0.len() <= 2);
            let stream = self.1.lock().unwrap().take();
            if let Some(mut stream) = stream {
                let waker = Waker::from(Arc::clone(&self));
                while stream.poll_next_unpin(&mut Context::from_waker(&waker)).is_ready() {}
                *self.1.lock().unwrap() = Some(stream);
            }
        }
    }
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || {
        let topics = Topics::<Event>::new();
        let stream = topics.subscribe(["a", "b"], None).unwrap();
        Arc::new(Looks(topics.clone(), Mutex::new(Some(stream)))).wake();
        topics.close("a");
        done.send(()).unwrap();
    });
    is_done.recv_timeout(Duration::from_secs(5)).expect("it waits for itself");
}
