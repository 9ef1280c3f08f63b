//! Clients of several topics that a store has let go of before they read them.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use futures_util::StreamExt as _;
use typed_sse_core::{Channel, Event, EventId, Slow, Start, Topics};
use typed_sse_store_conformance::{Limits, Memory};

use crate::support::*;

fn is_reset(shown: &str) -> bool {
    shown.starts_with("reset ")
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
