//! A store that is full lets go of one event with each that comes: whoever begins with the oldest is overtaken before the first.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::timeout;
use typed_sse_core::{Channel, Event, EventId, LastEventId, Slow, Start, Topics};
use typed_sse_store_conformance::{Limits, Memory};

use crate::support::*;

const SLOW: [Slow; 3] = [Slow::Disconnect, Slow::Skip, Slow::Coalesce];

async fn full(slow: Slow, up_to: u32) -> (Memory, Channel<Event>) {
    let store = Memory::with_limits(Limits::records(30));
    let market = open_with(&store, Channel::builder().events(5).slow(slow)).await;
    go_on(&market, 1, up_to).await;
    (store, market)
}

async fn go_on(market: &Channel<Event>, from: u32, up_to: u32) {
    for n in from..=up_to {
        publish(market, n).await;
    }
}

/// With the IDs of clients that are new, or have lost their place.
fn ids() -> [LastEventId; 2] {
    [LastEventId::from(None::<LastEventId>), last(&EventId::new("unknown").unwrap())]
}

fn is_reset(shown: &str) -> bool {
    shown.starts_with("reset ")
}

#[tokio::test]
async fn it_is_told_once_and_gets_what_is_there() {
    for slow in SLOW {
        for id in ids() {
            let (_store, market) = full(slow, 40).await;
            let mut client = market.subscribe(id.clone()).start(Start::Earliest);
            let seen = events(&mut client, 1).await;
            assert!(is_reset(&seen[0]), "it asked for all there was: {seen:?}");
            go_on(&market, 41, 43).await;
            assert_eq!(
                events(&mut client, 30).await,
                numbers(14..=43),
                "{slow:?} {id:?}: it was told already"
            );
            assert_quiet(&mut client);
        }
    }
}

/// It has read nothing yet.
#[tokio::test]
async fn it_is_told_once_of_what_was_there_and_is_not() {
    for slow in SLOW {
        for id in ids() {
            // All was there when it began, or not.
            for up_to in [30, 40] {
                let (_store, market) = full(slow, up_to).await;
                let mut client = market.subscribe(id.clone()).start(Start::Earliest);
                if up_to == 30 && id.is_empty() {
                    let place = client.next().await.unwrap().unwrap();
                    assert!(!place.is_event(), "nothing is lost yet: {place:?}");
                }
                go_on(&market, up_to + 1, up_to + 3).await;
                let seen = events(&mut client, 31).await;
                assert!(is_reset(&seen[0]), "{slow:?} {id:?}: {seen:?}");
                assert_eq!(seen[1..], numbers(up_to - 26..=up_to + 3), "{slow:?} {id:?}");
                assert_quiet(&mut client);
            }
        }
    }
}

/// All that was there when it was told has gone, and more: it was not told of that.
#[tokio::test]
async fn what_came_since_it_was_told_is_told() {
    for slow in SLOW {
        for id in ids() {
            let (_store, market) = full(slow, 40).await;
            let mut client = market.subscribe(id).start(Start::Earliest);
            assert!(is_reset(&events(&mut client, 1).await[0]));
            go_on(&market, 41, 75).await;
            if slow == Slow::Disconnect {
                assert!(client.next().await.unwrap().is_err());
                continue;
            }
            let seen = events(&mut client, 2).await;
            assert!(!is_reset(&seen[0]) && is_reset(&seen[1]), "{slow:?}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn a_log_that_is_lost_is_told() {
    for slow in SLOW {
        for up_to in [20, 40] {
            let (store, market) = full(slow, up_to).await;
            let mut client = market.subscribe(None).start(Start::Earliest);
            let first = client.next().await.unwrap().unwrap();
            assert_eq!(first.is_event(), up_to == 40, "{first:?}");
            lose(&store, &market).await;
            if slow == Slow::Disconnect {
                assert!(client.next().await.unwrap().is_err(), "{up_to}");
                continue;
            }
            // It was told already, so it gets an event first.
            let seen = events(&mut client, if up_to == 40 { 2 } else { 1 }).await;
            assert!(seen.iter().any(|shown| is_reset(shown)), "{slow:?}, {up_to}: {seen:?}");
        }
    }
}

async fn topics(slow: Slow) -> Topics<Event> {
    let store = Memory::with_limits(Limits::records(10));
    let topics = Topics::builder().channel(Channel::builder().events(4).slow(slow));
    topics.store(store, "market").open().await.unwrap()
}

async fn put(topics: &Topics<Event>, topic: &str, range: std::ops::RangeInclusive<u32>) -> Option<EventId> {
    let mut last = None;
    for n in range {
        let event = Event::new(format!("{topic}{n}"));
        last = Some(topics.channel(topic).unwrap().publish(&event).await.unwrap());
    }
    last
}

#[tokio::test]
async fn of_several_topics_it_is_told_once() {
    for slow in [Slow::Disconnect, Slow::Skip] {
        for id in ids() {
            let topics = topics(slow).await;
            put(&topics, "a", 1..=20).await;
            put(&topics, "b", 1..=20).await;
            let mut client = topics.subscribe(["a", "b"], id.clone()).unwrap().start(Start::Earliest);
            assert!(is_reset(&events(&mut client, 1).await[0]));
            put(&topics, "a", 21..=23).await;
            put(&topics, "b", 21..=22).await;
            let (mut a, mut b) = (Vec::new(), Vec::new());
            while a.last().is_none_or(|last| last != "a23") || b.last().is_none_or(|last| last != "b22") {
                let shown = events(&mut client, 1).await.remove(0);
                assert!(!is_reset(&shown), "{slow:?} {id:?}: it was told already; {a:?} {b:?}");
                if shown.starts_with('a') { a.push(shown) } else { b.push(shown) }
            }
            for (topic, last, seen) in [("a", 23, a), ("b", 22, b)] {
                let all: Vec<_> = (1..=last).map(|n| format!("{topic}{n}")).collect();
                assert!(seen.len() >= 10 && all.ends_with(&seen), "{slow:?} {id:?}: {seen:?}");
            }
            assert_quiet(&mut client);
        }
    }
}

/// It is told of one topic, and goes on in another, where more goes than was there when it was told.
#[tokio::test]
async fn what_came_since_it_was_told_of_another_topic_is_told() {
    for slow in [Slow::Disconnect, Slow::Skip] {
        for start in [Start::Live, Start::Earliest] {
            let topics = topics(slow).await;
            let seen = put(&topics, "a", 1..=1).await.unwrap();
            put(&topics, "b", 1..=8).await;
            put(&topics, "a", 2..=20).await;
            // The server knows by now what is gone of the one topic, and has read nothing of the other.
            let mut other = topics.subscribe(["a"], last(&seen)).unwrap().start(start).slow(Slow::Skip);
            assert!(is_reset(&events(&mut other, 1).await[0]));
            let mut client = topics.subscribe(["a", "b"], last(&seen)).unwrap().start(start);
            assert!(is_reset(&events(&mut client, 1).await[0]));
            put(&topics, "b", 9..=40).await;
            if slow == Slow::Disconnect {
                let next = client.next().await.unwrap();
                assert!(next.is_err(), "{start:?}: {next:?}");
                continue;
            }
            let seen = events(&mut client, 2).await;
            assert!(!is_reset(&seen[0]) && is_reset(&seen[1]), "{start:?}: {seen:?}");
        }
    }
}

/// It joins a topic in which it begins live, or with the last, and has got nothing of that.
#[tokio::test]
async fn what_came_since_it_joined_a_topic_is_told() {
    for slow in [Slow::Disconnect, Slow::Skip] {
        for start in [Start::Live, Start::Last(2)] {
            let topics = topics(slow).await;
            put(&topics, "b", 1..=8).await;
            let seen = put(&topics, "a", 1..=1).await.unwrap();
            let mut client = topics.subscribe(["a", "b"], last(&seen)).unwrap().start(start).joining(["b"]);
            put(&topics, "b", 9..=40).await;
            let next = client.next().await.unwrap();
            match slow {
                Slow::Disconnect => assert!(next.is_err(), "{start:?}: {next:?}"),
                _ => assert!(
                    next.as_ref().is_ok_and(|frame| frame.event_type() == "reset"),
                    "{start:?}: {next:?}"
                ),
            }
        }
    }
}

/// All that was there when it came was gone when it was told, and then it was cut.
#[tokio::test]
async fn who_comes_back_with_the_id_of_the_reset_is_not_told_again() {
    for slow in SLOW {
        for start in [Start::Earliest, Start::Last(30), Start::Last(3), Start::Live] {
            let (_store, market) = full(slow, 40).await;
            let unknown = last(&EventId::new("unknown").unwrap());
            let mut client = market.subscribe(unknown).start(start);
            go_on(&market, 41, 100).await;
            let told = client.next().await.unwrap().unwrap();
            assert!(shown(&told).is_some_and(|shown| is_reset(&shown)), "{told:?}");
            let id = EventId::new(told.id().unwrap()).unwrap();
            let mut client = market.subscribe(last(&id)).start(start);
            let seen = events(&mut client, 1).await;
            assert!(!is_reset(&seen[0]), "{slow:?} {start:?} {id}: {seen:?}");
        }
    }
}

/// What is there of it, up to where it has to wait.
async fn what_is_there(client: &mut (impl Frames + Unpin)) -> Vec<String> {
    let mut seen = Vec::new();
    while let Ok(next) = timeout(Duration::from_millis(200), client.next()).await {
        seen.extend(shown(&next.unwrap().unwrap()));
    }
    seen
}

/// It was told where one topic lost something, when it stood elsewhere in the other.
#[tokio::test]
async fn who_was_told_in_one_topic_gets_all_of_the_other_or_is_told() {
    let store = Memory::with_limits(Limits::records(10));
    let channel = Channel::builder().events(4).slow(Slow::Skip);
    let topics = Topics::<Event>::builder().channel(channel).store(store, "users").open().await.unwrap();
    let put = async |topic: &str, from: u32, up_to: u32| {
        let mut last = None;
        for n in from..=up_to {
            last = Some(publish(&topics.channel(topic).unwrap(), format!("{topic} {n}")).await);
        }
        last.unwrap()
    };
    put("a", 1, 10).await;
    let there = put("b", 11, 20).await;
    let mut client = topics.subscribe(["a", "b"], None).unwrap().start(Start::Live);
    assert!(!client.next().await.unwrap().unwrap().is_event());
    put("a", 21, 40).await;
    put("b", 41, 46).await;
    // The server learns what the first has lost.
    let mut other = topics.subscribe(["a"], last(&there)).unwrap();
    other.next().await.unwrap().unwrap();
    let told = client.next().await.unwrap().unwrap();
    assert!(shown(&told).is_some_and(|shown| is_reset(&shown)), "{told:?}");
    put("b", 47, 54).await;
    let seen = what_is_there(&mut client).await;
    let all: Vec<_> = (47..=54).map(|n| format!("b {n}")).collect();
    assert!(seen.iter().any(|shown| is_reset(shown)) || seen.ends_with(&all), "{seen:?}");
}

/// It came with an event's own ID, which the store has let go of by the time that it begins again. Of a third topic it has lost nothing.
#[tokio::test]
async fn who_was_told_in_one_topic_gets_nothing_twice_of_another() {
    for slow in SLOW {
        let topics = topics(slow).await;
        put(&topics, "c", 1..=3).await;
        put(&topics, "b", 1..=1).await;
        put(&topics, "a", 1..=6).await;
        publish_own(&topics.channel("a").unwrap(), "x").await;
        put(&topics, "a", 7..=9).await;
        put(&topics, "c", 4..=6).await;
        put(&topics, "b", 2..=20).await;
        let came_with = last(&EventId::new("x").unwrap());
        let mut client = topics.subscribe(["a", "b", "c"], came_with).unwrap().start(Start::Earliest);
        assert!(is_reset(&events(&mut client, 1).await[0]));
        for id in 1..=10 {
            publish_own(&topics.channel("a").unwrap(), id).await;
        }
        put(&topics, "b", 21..=24).await;
        let mut seen = what_is_there(&mut client).await;
        seen.retain(|shown| shown.starts_with('c'));
        assert_eq!(seen, ["c4", "c5", "c6"], "{slow:?}");
    }
}

/// It begins with the last few, and is overtaken whenever it comes to read.
#[tokio::test]
async fn an_event_comes_between_two_resets() {
    let store = Memory::with_limits(Limits::records(5));
    let market = open_with(&store, Channel::builder().events(5).slow(Slow::Skip)).await;
    go_on(&market, 1, 20).await;
    let mut client = market.subscribe(None).start(Start::Last(3));
    let mut was_reset = false;
    for from in (21..200).step_by(5) {
        let frame = client.next().await.unwrap().unwrap();
        let is_reset = shown(&frame).is_some_and(|shown| is_reset(&shown));
        assert!(!(is_reset && was_reset), "{frame:?}");
        was_reset = is_reset || was_reset && !frame.is_event();
        go_on(&market, from, from + 4).await;
    }
}

/// The store keeps less than the window: what is gone there is not given to who begins, and it is told.
#[tokio::test]
async fn who_asks_for_all_of_a_store_that_keeps_less_than_the_window_is_told() {
    for (window, keeps, published) in [(4096, 100, 150), (10, 3, 4), (3, 3, 4), (10, 3, 10), (4, 3, 30)] {
        let store = Memory::with_limits(Limits::records(keeps));
        let market = open_with(&store, Channel::builder().events(window)).await;
        for n in 1..=published {
            publish(&market, n).await;
        }
        let mut client = market.subscribe(None).start(Start::Earliest);
        let kept = numbers(published + 1 - keeps as u32..=published);
        let seen = events(&mut client, kept.len() + 1).await;
        let told = "reset {\"reason\":\"trimmed\",\"missed\":null}".to_owned();
        assert_eq!(seen, [vec![told], kept].concat(), "{window} {keeps} {published}");
        // Nothing is missed by who gets all, and by who does not ask for all.
        let mut few = market.subscribe(None).start(Start::Last(2));
        assert_eq!(events(&mut few, 2).await, numbers(published - 1..=published));
    }
}
