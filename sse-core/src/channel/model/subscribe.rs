//! A subscription that begins while events are published misses none.

use loom::thread;

use super::{check, numbered, publish, read, sequence, sequences};
use crate::channel::{Channel, Resumption};
use crate::field::LastEventId;

/// Fails if the place is looked up again, under a second lock.
#[test]
fn a_client_that_comes_back_gets_exactly_what_follows_its_id() {
    check(Some(4), || {
        let channel = Channel::new();
        let first = publish(&channel, &numbered(1));
        let publisher = channel.clone();
        let publisher = thread::spawn(move || {
            publish(&publisher, &numbered(2));
            publish(&publisher, &numbered(3));
        });
        let mut subscription = channel.subscribe(LastEventId::from(first));
        assert_eq!(subscription.resumption(), Resumption::Complete);
        assert_eq!(sequences(&read(&mut subscription, 2)), [2, 3]);
        publisher.join().unwrap();
    });
}

/// Fails if an event can be read before its number counts as used.
#[test]
fn an_id_is_good_as_soon_as_it_is_read() {
    check(Some(4), || {
        let channel = Channel::new();
        let mut subscription = channel.subscribe(None);
        let publisher = channel.clone();
        let publisher = thread::spawn(move || {
            publish(&publisher, &numbered(1));
            publish(&publisher, &numbered(2));
        });
        let first = read(&mut subscription, 1).remove(0);
        drop(subscription);
        let mut subscription = channel.subscribe(first.id().unwrap());
        assert_eq!(subscription.resumption(), Resumption::Complete);
        assert_eq!(sequences(&read(&mut subscription, 1)), [2]);
        publisher.join().unwrap();
    });
}

/// Fails if the place is taken at the first poll.
#[test]
fn a_live_client_gets_all_that_follows_its_beginning() {
    check(Some(4), || {
        let channel = Channel::new();
        let publisher = channel.clone();
        let publisher = thread::spawn(move || {
            publish(&publisher, &numbered(1));
            publish(&publisher, &numbered(2));
        });
        let mut subscription = channel.subscribe(None);
        let begun = sequence(channel.cursor().as_str());
        let last = sequence(publish(&channel, &numbered(3)).as_str());
        let mut numbers = Vec::new();
        while numbers.last() != Some(&last) {
            numbers.extend(sequences(&read(&mut subscription, 1)));
        }
        assert!(numbers[0] <= begun + 1, "what was published after its beginning is missing: {numbers:?}");
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?} has holes");
        publisher.join().unwrap();
    });
}
