//! A client has a place before it has an event.

use futures_util::StreamExt as _;
use loom::thread;

use super::{block_on, check, numbered, publish, ready, sequence, sequences};
use crate::channel::{Channel, Resumption, Start, Topics};

/// Fails if the place that is told is looked up when it is told, and not when it is taken.
#[test]
fn what_is_told_first_is_where_the_client_stands() {
    check(Some(4), || {
        let channel = Channel::new();
        let publishing = channel.clone();
        let publisher = thread::spawn(move || {
            publish(&publishing, &numbered(1));
            publish(&publishing, &numbered(2));
        });
        let mut subscription = channel.subscribe(None);
        let place = block_on(subscription.next()).unwrap().unwrap();
        let before = sequence(place.id().unwrap());
        publisher.join().unwrap();
        let expected: Vec<u64> = (before + 1..=2).collect();
        assert_eq!(sequences(&ready(&mut subscription)), expected);
        // Cut before anything came, it gets the same.
        let mut back = channel.subscribe(place.id().unwrap());
        assert_eq!(back.resumption(), Resumption::Complete);
        assert_eq!(sequences(&ready(&mut back)), expected);
    });
}

/// Fails if the topics are subscribed to before the number is looked up.
#[test]
fn of_several_topics_too() {
    check(Some(3), || {
        let topics = Topics::new();
        let names = ["a", "b"];
        let [a, b] = names.map(|name| topics.channel(name).unwrap());
        let publisher = thread::spawn(move || {
            publish(&a, &numbered(1));
            publish(&b, &numbered(2));
            (a, b)
        });
        let mut subscription = topics.subscribe(names, None).unwrap();
        let place = block_on(subscription.next()).unwrap().unwrap();
        let before = sequence(place.id().unwrap());
        publisher.join().unwrap();
        let expected: Vec<u64> = (before + 1..=2).collect();
        assert_eq!(sequences(&ready(&mut subscription)), expected);
        let mut back = topics.subscribe(names, place.id().unwrap()).unwrap();
        assert_eq!(back.resumption(), Resumption::Complete);
        assert_eq!(sequences(&ready(&mut back)), expected);
    });
}

/// Fails if many events take a turn each.
#[test]
fn many_at_once_follow_each_other() {
    check(Some(3), || {
        let channel = Channel::new();
        let publishing = channel.clone();
        let publisher = thread::spawn(move || publish(&publishing, &numbered(1)));
        let ids = channel.publish_all_now(&[numbered(2), numbered(3)]).unwrap();
        let [first, second] = &ids[..] else { panic!("{ids:?}") };
        assert_eq!(sequence(first.as_str()) + 1, sequence(second.as_str()));
        publisher.join().unwrap();
        let mut all = channel.subscribe(None).start(Start::Earliest);
        assert_eq!(sequences(&ready(&mut all)), [1, 2, 3]);
    });
}
