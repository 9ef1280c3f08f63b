//! What breaks a promise of topics, or looked as if it could.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use support::data;
use tokio::time::{Instant, timeout};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Event, EventId, Frame, LastEventId, Reset, ResetReason,
    Resumption, Slow, SseEvent, Start, SubscriberLimit, Topics, TopicsSubscription,
};

enum Price {
    Changed(&'static str),
    Note(&'static str),
    /// Ephemeral.
    Typing(&'static str),
}

use Price::{Changed, Note, Typing};

impl SseEvent for Price {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        match self {
            Changed(symbol) => encoder.key(symbol)?.text(symbol),
            Note(text) => encoder.text(text),
            Typing(text) => encoder.ephemeral()?.text(text),
        }
    }
}

async fn publish<E: SseEvent>(topics: &Topics<E>, name: &str, event: E) -> EventId {
    topics.channel(name).unwrap().publish(&event).await.unwrap()
}

fn ready<E>(subscription: &mut TopicsSubscription<E>) -> Vec<Frame> {
    std::iter::from_fn(|| subscription.next().now_or_never().flatten()).map(Result::unwrap).collect()
}

/// What a client sends back that has got these frames, after it had this ID.
fn last_id(frames: &[Frame], before: &LastEventId) -> LastEventId {
    frames.iter().rev().find_map(Frame::id).map_or_else(|| before.clone(), LastEventId::from)
}

/// The longest that anything here may take, on a clock that does not run by itself.
const LONG: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn a_subscription_to_no_topic_does_not_outlive_the_server() {
    let topics = Topics::<Event>::new();
    // As from a query that names none. To refuse it would be an answer too.
    let Ok(subscription) = topics.subscribe([""; 0], None) else { return };
    let client = tokio::spawn(subscription.count());
    tokio::task::yield_now().await;
    topics.drain(Duration::from_secs(1)).await;
    drop(topics);
    timeout(LONG, client).await.expect("it ends with its topics").unwrap();
}

#[tokio::test]
async fn a_subscription_to_no_topic_is_no_way_around_the_limit() {
    let limit = SubscriberLimit::new(1);
    let topics = Topics::<Event>::builder().channel(Channel::builder().limit(&limit)).build();
    let _one = topics.subscribe(["a"], None).unwrap();
    let Ok(mut another) = topics.subscribe([""; 0], None) else { return };
    assert!(another.next().now_or_never().is_some(), "it is sent away");
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_behind_what_was_published_in_any_topic() {
    let topics = Topics::<Event>::new();
    let mut both = topics.subscribe(["a", "b"], None).unwrap().no_checkpoints();
    assert!(ready(&mut both).is_empty());
    for (name, text) in [("b", "1"), ("a", "2"), ("b", "3"), ("b", "4")] {
        publish(&topics, name, Event::new(text)).await;
    }
    topics.drain(Duration::ZERO).await;
    let frames: Vec<_> = timeout(LONG, both.map(Result::unwrap).collect()).await.unwrap();
    let [events @ .., end] = &frames[..] else { panic!("it has an end") };
    assert!(!end.is_event());
    assert_eq!(data(events), ["1", "2", "3", "4"]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_one_topic_waits_for_what_came_before_it_in_another() {
    let topics = Topics::<Event>::new();
    let mut both = topics.subscribe(["a", "b"], None).unwrap().no_checkpoints();
    assert!(ready(&mut both).is_empty());
    publish(&topics, "b", Event::new("before")).await;
    topics.channel("a").unwrap().drain(Duration::ZERO).await;
    publish(&topics, "b", Event::new("while it ends")).await;
    let frames: Vec<_> = timeout(LONG, both.map(Result::unwrap).collect()).await.unwrap();
    assert_eq!(data(&frames)[0], "before");
    assert!(!frames.last().unwrap().is_event());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_behind_what_an_ended_topic_has_left_out() {
    let topics = Topics::<Event>::new();
    let mut both = topics.subscribe(["a", "b"], None).unwrap().no_checkpoints();
    publish(&topics, "b", Event::new("before")).await;
    topics.channel("a").unwrap().drain(Duration::ZERO).await;
    assert_eq!(data(&[both.next().await.unwrap().unwrap()]), ["before"]);
    publish(&topics, "a", Event::new("left out")).await;
    publish(&topics, "b", Event::new("behind it")).await;
    let rest: Vec<_> = timeout(LONG, both.map(Result::unwrap).collect()).await.unwrap();
    assert_eq!(rest.iter().map(Frame::is_event).collect::<Vec<_>>(), [false]);
}

#[tokio::test]
async fn no_topic_overtakes_one_that_leaves_much_out() {
    let topics = Topics::builder().channel(Channel::builder().events(10_000)).build();
    publish(&topics, "a", Note("first")).await;
    for _ in 0..3000 {
        publish(&topics, "a", Typing("not replayed")).await;
    }
    publish(&topics, "a", Note("second")).await;
    publish(&topics, "b", Note("third")).await;
    let both = topics.subscribe(["a", "b"], None).unwrap().start(Start::Earliest).no_checkpoints();
    let frames: Vec<_> = both.take(3).map(Result::unwrap).collect().await;
    assert_eq!(data(&frames), ["first", "second", "third"]);
}

#[tokio::test(start_paused = true)]
async fn no_topic_overtakes_one_whose_turn_has_not_come() {
    let topics = Topics::builder().channel(Channel::builder().replay_rate(100_000)).build();
    // As much as is replayed in one turn.
    let [first, third] = ["1", "3"].map(|data| data.repeat(64 << 10));
    publish(&topics, "a", Event::new(first.clone())).await;
    publish(&topics, "a", Event::new("second")).await;
    publish(&topics, "b", Event::new(third.clone())).await;
    let both = topics.subscribe(["a", "b"], None).unwrap().start(Start::Earliest).no_checkpoints();
    let frames: Vec<_> = both.take(3).map(Result::unwrap).collect().await;
    assert_eq!(data(&frames), [&first, "second", &third]);
}

/// A topic `b` that has lost all but the newest of a quiet key, with a low number, and a topic `a` that has lost nothing.
async fn quiet_key_behind_others() -> (Topics<Price>, LastEventId) {
    let topics = Topics::builder().channel(Channel::builder().events(3)).build();
    publish(&topics, "b", Changed("quiet")).await;
    publish(&topics, "a", Note("a1")).await;
    let seen = publish(&topics, "a", Note("a2")).await;
    (topics, seen.into())
}

async fn overrun(topics: &Topics<Price>, name: &str) {
    for _ in 0..4 {
        publish(topics, name, Note("more")).await;
    }
}

#[tokio::test]
async fn the_newest_of_a_key_moves_no_other_topic_back() {
    let (topics, seen) = quiet_key_behind_others().await;
    overrun(&topics, "b").await;
    let resume =
        |id: &LastEventId| topics.subscribe(["a", "b"], id.clone()).unwrap().start(Start::LatestPerKey);
    let frames = ready(&mut resume(&seen));
    assert_eq!(data(&frames), [r#"{"reason":"trimmed","missed":null}"#, "quiet"]);
    // Wherever it breaks off, it has seen both events of `a`.
    for n in 0..=frames.len() {
        let again = data(&ready(&mut resume(&last_id(&frames[..n], &seen))));
        assert!(!again.iter().any(|data| data.starts_with('a')), "behind {n} frames: {again:?}");
    }
}

#[tokio::test]
async fn one_that_coalesces_is_not_moved_back_in_other_topics() {
    let (topics, _) = quiet_key_behind_others().await;
    let start = |id: LastEventId| {
        topics.subscribe(["a", "b"], id).unwrap().start(Start::Earliest).slow(Slow::Coalesce)
    };
    let mut client = start(LastEventId::default());
    let mut frames = ready(&mut client);
    assert_eq!(data(&frames), ["quiet", "a1", "a2"]);
    overrun(&topics, "b").await;
    frames.extend(ready(&mut client));
    assert_eq!(data(&frames)[3..], [r#"{"reason":"lagged","missed":null}"#, "quiet"]);
    let again = data(&ready(&mut start(last_id(&frames, &LastEventId::default()))));
    assert!(!again.iter().any(|data| data.starts_with('a')), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn one_topic_that_waits_keeps_no_other_from_ending() {
    for drained in ["a", "b"] {
        let builder = Channel::builder().replay_rate(1);
        let topics = Topics::<Event>::builder().channel(builder).build();
        let waits = if drained == "a" { "b" } else { "a" };
        publish(&topics, waits, Event::new("x")).await;
        // The first turn after a rest.
        ready(&mut topics.subscribe([waits], None).unwrap().start(Start::Earliest));
        let both = topics.subscribe(["a", "b"], None).unwrap().start(Start::Earliest);
        let client = tokio::spawn(both.count());
        tokio::task::yield_now().await;
        assert_eq!(topics.counters().waiting, 1);
        let report = topics.channel(drained).unwrap().drain(Duration::from_secs(5)).await;
        assert_eq!((report.ended, report.cut), (1, 0), "{drained} is drained");
        client.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn many_topics_wait_no_longer_than_one() {
    let builder = Channel::builder().replay_rate(100_000);
    let topics = Topics::<Event>::builder().channel(builder).build();
    let kilobyte = || Event::new("x".repeat(970));
    for _ in 0..500 {
        publish(&topics, "big", kilobyte()).await;
    }
    let names: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    for name in &names {
        publish(&topics, name, kilobyte()).await;
    }
    for _ in 0..10 {
        let big = topics.subscribe(["big"], None).unwrap().start(Start::Earliest);
        tokio::spawn(big.for_each(|_| async {}));
    }
    tokio::task::yield_now().await;
    let start = Instant::now();
    let many = topics.subscribe(&names, None).unwrap().start(Start::Earliest);
    assert_eq!(many.no_checkpoints().take(names.len()).count().await, names.len());
    // Ten turns of 64 KiB are before it, and what it wants is less than one.
    let took = start.elapsed().as_secs_f64();
    assert!(took < 14.0, "20 kB took {took} s");
}

#[tokio::test(start_paused = true)]
async fn one_that_was_sent_away_keeps_its_reconnection_time() {
    let topics = Topics::<Event>::builder().channel(Channel::builder().subscribers(1)).build();
    let _first = topics.subscribe(["a"], None).unwrap();
    let second = topics.subscribe(["a", "b"], None).unwrap().start(Start::Earliest);
    assert_eq!(second.count().await, 1);
    topics.drain(Duration::ZERO).await;
    let late = topics.subscribe(["c"], None).unwrap().start(Start::Earliest);
    assert_eq!(late.count().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_topic_is_idle_from_its_last_use_on() {
    let topics = Topics::<Event>::builder().idle(Duration::from_secs(300)).build();
    let id = publish(&topics, "a", Event::new("a1")).await;
    publish(&topics, "a", Event::new("a2")).await;
    let client = topics.subscribe(["a"], None).unwrap();
    tokio::time::advance(Duration::from_secs(3600)).await;
    drop(client);
    // Its line broke; meanwhile others come.
    let _others: Vec<_> = (0..100).map(|n| topics.channel(format!("other/{n}")).unwrap()).collect();
    tokio::time::advance(Duration::from_secs(3)).await;
    let back = topics.subscribe(["a"], LastEventId::from(id)).unwrap();
    assert_eq!(back.resumption(), Resumption::Complete);
}

#[tokio::test]
async fn ephemeral_events_that_are_gone_are_no_loss() {
    let topics = Topics::builder().channel(Channel::builder().events(3)).build();
    let seen = publish(&topics, "a", Note("a1")).await;
    publish(&topics, "b", Note("b1")).await;
    for _ in 0..4 {
        publish(&topics, "a", Typing("…")).await;
    }
    let back = topics.subscribe(["a"], LastEventId::from(seen.clone())).unwrap();
    assert_eq!(back.resumption(), Resumption::Complete, "it has seen all that can be replayed");
    let back = topics.channel("a").unwrap().subscribe(LastEventId::from(seen));
    assert_eq!(back.resumption(), Resumption::Complete);
}

#[tokio::test]
async fn an_ephemeral_event_overtakes_nothing() {
    let topics = Topics::new();
    let mut both = topics.subscribe(["a", "b"], None).unwrap();
    publish(&topics, "b", Note("question")).await;
    publish(&topics, "a", Typing("answering")).await;
    publish(&topics, "a", Note("answer")).await;
    assert_eq!(data(&ready(&mut both)), ["question", "answering", "answer"]);
}

#[tokio::test]
async fn one_that_a_limit_sends_away_is_counted() {
    let limit = SubscriberLimit::new(0);
    let topics = Topics::<Event>::builder().channel(Channel::builder().limit(&limit)).build();
    let _ = topics.subscribe(["a", "b"], None).unwrap();
    let counters = topics.counters();
    assert_eq!((counters.subscribed, counters.sent_away), (2, 2), "as one that a drain sends away");
}

/// A reset in the middle stands for its topic alone, and hides nothing of it when the client comes back.
#[tokio::test]
async fn a_reset_in_the_middle_is_followed_by_no_hole() {
    let starts = [Start::Live, Start::Earliest, Start::Last(2)];
    for (start, before) in starts.into_iter().flat_map(|start| [(start, 0), (start, 3)]) {
        let slow = Slow::Skip;
        let topics = Topics::builder().channel(Channel::builder().events(4)).build();
        for _ in 0..before {
            publish(&topics, "elsewhere", Note("before")).await;
        }
        let subscribe = |id| topics.subscribe(["a", "b"], id).unwrap().start(start).slow(slow);
        let mut client = subscribe(LastEventId::default());
        publish(&topics, "a", Note("a1")).await;
        let mut seen = ready(&mut client);
        for _ in 0..10 {
            publish(&topics, "b", Note("b")).await;
        }
        publish(&topics, "a", Note("a2")).await;
        seen.push(client.next().await.unwrap().unwrap());
        // It breaks off right behind the reset: it goes on in the one topic, and begins in the other.
        let told = last_id(&seen, &LastEventId::default());
        let mut back = subscribe(told.clone());
        assert_eq!(back.resumption(), Resumption::Complete, "it was told, {start:?}");
        let rest = ready(&mut client);
        let again = data(&ready(&mut back));
        assert_eq!(again, data(&rest), "{start:?}");
        assert_eq!(again.last().map(String::as_str), Some("a2"));
        // Meanwhile it may lose more.
        for _ in 0..5 {
            publish(&topics, "b", Note("b")).await;
        }
        let late = subscribe(told);
        assert!(matches!(late.resumption(), Resumption::Reset(_)), "{start:?}");
        seen.extend(rest);
        let seen = data(&seen);
        assert_eq!(seen.iter().filter(|data| data.starts_with('a')).collect::<Vec<_>>(), ["a1", "a2"]);
        assert_eq!(seen.iter().filter(|data| data.contains("lagged")).count(), 1);
    }
}

#[tokio::test]
async fn a_topic_that_is_held_is_never_made_twice() {
    let topics = Topics::<Event>::builder().topics(2).idle(Duration::ZERO).build();
    let held = topics.channel("held").unwrap();
    let mut subscription = held.subscribe(None);
    for n in 0..1000 {
        topics.channel(format!("other/{n}")).unwrap();
        publish(&topics, "held", Event::new(n.to_string())).await;
    }
    drop(held);
    // The subscription alone holds it too.
    topics.channel("another").unwrap();
    publish(&topics, "held", Event::new("last")).await;
    assert_eq!(data(&support::ready(&mut subscription)).len(), 1001);
}

#[tokio::test]
async fn an_id_from_nowhere_is_a_reset_in_every_topic() {
    let topics = Topics::new();
    let id = publish(&topics, "a", Event::new("a1")).await;
    publish(&topics, "b", Event::new("b1")).await;
    let epoch = id.as_str().split_once('-').unwrap().0;
    let future = ["3", "18446744073709551615"].map(|number| format!("{epoch}-{number}"));
    let odd =
        ["-", "\u{7f}", "00000000-0", &future[0], &future[1], &format!("{epoch}-01"), &"x".repeat(4096)];
    for id in odd {
        let mut back =
            topics.subscribe(["a", "b", "new"], LastEventId::from(id)).unwrap().start(Start::Earliest);
        assert!(matches!(back.resumption(), Resumption::Reset(Reset { missed: None, .. })), "{id}");
        assert_eq!(data(&ready(&mut back))[1..], ["a1", "b1"]);
    }
}

#[tokio::test]
async fn ten_thousand_topics_in_one_subscription() {
    let topics = Topics::<Event>::new();
    let names: Vec<_> = (0..10_000).map(|n| n.to_string()).collect();
    let mut all = topics.subscribe(&names, None).unwrap();
    for name in names.iter().step_by(1000) {
        publish(&topics, name, Event::new(name.clone())).await;
    }
    assert!(data(&ready(&mut all)).iter().eq(names.iter().step_by(1000)));
    assert!(topics.channel("one too many").is_err());
    drop(all);
    topics.channel("there is room again").unwrap();
    assert_eq!(topics.len(), names.len(), "one has gone, and no more");
}

/// Publishers and clients on several threads, while the topics that they use are forgotten under their feet.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn forgotten_under_way_is_a_reset_and_never_a_hole() {
    const NAMES: [&str; 3] = ["a", "b", "c"];
    const ROUNDS: u64 = 3000;
    let topics = Topics::<Event>::builder().topics(6).channel(Channel::builder().events(50)).build();
    let done = Arc::new(AtomicBool::new(false));
    let churn = tokio::spawn({
        let (topics, done) = (topics.clone(), Arc::clone(&done));
        async move {
            for n in 0_u64.. {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                let _ = topics.channel(format!("other/{n}"));
                tokio::task::yield_now().await;
            }
        }
    });
    let publishers = NAMES.map(|name| {
        let topics = topics.clone();
        tokio::spawn(async move {
            for n in 0..ROUNDS {
                // Not held in between, so that it can be forgotten. It may be full for a moment.
                let channel = loop {
                    if let Ok(channel) = topics.channel(name) {
                        break channel;
                    }
                    tokio::task::yield_now().await;
                };
                channel.publish(&Event::new(format!("{name}:{n}"))).await.unwrap();
                drop(channel);
                tokio::task::yield_now().await;
            }
        })
    });
    let (complete, resets) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..3)
        .map(|_| {
            let (topics, done) = (topics.clone(), Arc::clone(&done));
            let (complete, resets) = (Arc::clone(&complete), Arc::clone(&resets));
            tokio::spawn(async move {
                let mut last = LastEventId::default();
                let mut next: HashMap<&str, u64> = HashMap::new();
                // Those of which nothing came since the last reset: it may have been about them.
                let mut reset = NAMES.to_vec();
                while !done.load(Ordering::Relaxed) {
                    tokio::task::yield_now().await;
                    // It may be sent away for a moment.
                    let mut subscription =
                        topics.subscribe(NAMES, last.clone()).unwrap().start(Start::Earliest);
                    match subscription.resumption() {
                        Resumption::Complete => drop(complete.fetch_add(1, Ordering::Relaxed)),
                        Resumption::Reset(told) => {
                            assert_eq!(told.reason, ResetReason::Trimmed, "its ID is always one of theirs");
                            resets.fetch_add(1, Ordering::Relaxed);
                        }
                        _ => {}
                    }
                    for _ in 0..fastrand::u32(1..40) {
                        let Some(Some(Ok(frame))) = subscription.next().now_or_never() else { break };
                        if let Some(id) = frame.id() {
                            last = LastEventId::from(id);
                        }
                        if frame.event_type() == "reset" {
                            reset = NAMES.to_vec();
                        }
                        if frame.event_type() == "reset" || !frame.is_event() {
                            continue;
                        }
                        let text = data(std::slice::from_ref(&frame)).remove(0);
                        let (name, n) = text.split_once(':').unwrap();
                        let (name, n) =
                            (*NAMES.iter().find(|known| **known == name).unwrap(), n.parse::<u64>().unwrap());
                        match next.get(name) {
                            Some(next) if !reset.contains(&name) => {
                                assert_eq!(n, *next, "{name}: exactly once and in order")
                            }
                            Some(next) => assert!(n >= *next, "{name}: nothing is sent twice"),
                            None => {}
                        }
                        reset.retain(|other| *other != name);
                        next.insert(name, n + 1);
                    }
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    churn.await.unwrap();
    let (complete, resets) = (complete.load(Ordering::Relaxed), resets.load(Ordering::Relaxed));
    println!("{complete} resumed, {resets} reset");
    assert!(complete > 0 && resets > 0, "{complete} resumed, {resets} reset");
}
