//! One ID is a place in all topics.

use loom::thread;

use super::{check, numbered, publish, read, ready, sequences};
use crate::channel::{Resumption, Topics};
use crate::encode::Frame;
use crate::event::Event;

const TOPICS: [&str; 2] = ["a", "b"];

/// Publishes one event per topic, from a thread each.
fn publish_to_all(topics: &Topics<Event>) -> [thread::JoinHandle<()>; 2] {
    TOPICS.map(|name| {
        let channel = topics.channel(name).unwrap();
        thread::spawn(move || {
            publish(&channel, &numbered(1));
        })
    })
}

/// What a client gets that stopped behind this frame, without waiting.
fn rest(topics: &Topics<Event>, frame: &Frame) -> Vec<u64> {
    let mut subscription = topics.subscribe(TOPICS, frame.id().unwrap()).unwrap();
    assert_eq!(subscription.resumption(), Resumption::Complete);
    sequences(&ready(&mut subscription))
}

/// Fails if the turn ends before the entry can be read, if the number is stored or loaded as relaxed, if it is looked at
/// after the topics are read, or not at all, or if the reader waits for one topic alone.
#[test]
fn no_id_is_sent_before_what_is_below_it() {
    check(Some(3), || {
        let topics = Topics::new();
        let mut subscription = topics.subscribe(TOPICS, None).unwrap();
        let publishers = publish_to_all(&topics);
        let frames = read(&mut subscription, 2);
        assert_eq!(sequences(&frames), [1, 2]);
        publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
        assert_eq!(rest(&topics, &frames[0]), [2]);
        assert!(rest(&topics, &frames[1]).is_empty());
    });
}

/// Fails for the same.
#[test]
fn an_id_resumes_all_topics_as_soon_as_it_is_read() {
    check(Some(3), || {
        let topics = Topics::new();
        let mut subscription = topics.subscribe(TOPICS, None).unwrap();
        let publishers = publish_to_all(&topics);
        let first = read(&mut subscription, 1).remove(0);
        drop(subscription);
        let mut subscription = topics.subscribe(TOPICS, first.id().unwrap()).unwrap();
        assert_eq!(subscription.resumption(), Resumption::Complete);
        assert_eq!(sequences(&read(&mut subscription, 1)), [2]);
        publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
    });
}
