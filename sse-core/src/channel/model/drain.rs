//! Readers end, behind what was published for them.

use std::time::Duration;

use loom::thread;

use super::{block_on, check, numbered, publish, read_to_end, sequence, sequences};
use crate::channel::{Channel, Topics};
use crate::event::Event;

/// All readers are told to end at once, and all time is left to them: the clock stands still.
const WINDOW: Duration = Duration::from_nanos(1);

fn check_in_runtime(preemptions: Option<usize>, model: impl Fn() + Send + Sync + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.unwrap();
    let _entered = runtime.enter();
    check(preemptions, model);
}

/// Fails if the end of the log is looked up before the order to end, if that order is not a release and its look-up not an
/// acquire, or if it wakes before it is given.
#[test]
fn a_channel_that_is_dropped_ends_its_readers_behind_its_last_event() {
    check(Some(4), || {
        let channel = Channel::new();
        let subscription = channel.subscribe(None);
        let publisher = thread::spawn(move || {
            publish(&channel, &numbered(1));
            drop(channel);
        });
        assert_eq!(sequences(&read_to_end(subscription)), [1]);
        publisher.join().unwrap();
    });
}

/// Fails for the same, or if the last handle closes nothing.
#[test]
fn the_last_of_two_handles_ends_the_readers() {
    check(Some(2), || {
        let channel = Channel::new();
        let subscription = channel.subscribe(None);
        let publishers = [channel.clone(), channel].map(|channel| {
            thread::spawn(move || {
                publish(&channel, &numbered(1));
                drop(channel);
            })
        });
        assert_eq!(sequences(&read_to_end(subscription)), [1, 2]);
        publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
    });
}

/// Fails for the same.
#[test]
fn a_drain_ends_a_reader_behind_what_was_published_before_it() {
    check_in_runtime(Some(2), || {
        let channel = Channel::new();
        let subscription = channel.subscribe(None);
        let publishing = channel.clone();
        let publisher = thread::spawn(move || {
            publish(&publishing, &numbered(1));
        });
        let draining = channel.clone();
        let draining = thread::spawn(move || {
            let published = publish(&draining, &numbered(2));
            assert_eq!(block_on(draining.drain(WINDOW)).cut, 0);
            sequence(published.as_str())
        });
        let read = sequences(&read_to_end(subscription));
        assert!(read.iter().copied().eq(1..=read.len() as u64), "{read:?}");
        let published = draining.join().unwrap();
        assert!(read.contains(&published), "{published} was published before the drain, {read:?} was read");
        publisher.join().unwrap();
    });
}

/// Fails if the members are listed under one lock, and the door is closed under the next.
#[test]
fn one_that_joins_while_a_channel_drains_ends_too() {
    check_in_runtime(None, || {
        let channel = Channel::new();
        let joining = channel.clone();
        let joining = thread::spawn(move || {
            let subscription = joining.subscribe(None);
            publish(&joining, &numbered(1));
            let read = sequences(&read_to_end(subscription));
            assert!(read.is_empty() || read == [1], "{read:?}");
        });
        assert_eq!(block_on(channel.drain(WINDOW)).cut, 0);
        joining.join().unwrap();
    });
}

/// Fails if the drain counts before it listens, or if the last one tells before it leaves.
#[test]
fn a_drain_waits_for_the_last_to_leave() {
    check_in_runtime(None, || {
        let channel = Channel::<Event>::new();
        let leaving = [(); 2].map(|()| {
            let subscription = channel.subscribe(None);
            thread::spawn(move || drop(subscription))
        });
        let report = block_on(channel.drain(WINDOW));
        assert_eq!(report.cut, 0);
        leaving.into_iter().for_each(|leaving| leaving.join().unwrap());
    });
}

/// Fails if such a topic is not closed when it is made.
#[test]
fn a_drain_ends_the_readers_of_a_topic_that_is_made_meanwhile() {
    check_in_runtime(None, || {
        let topics = Topics::<Event>::new();
        let joining = topics.clone();
        let joining = thread::spawn(move || {
            assert!(read_to_end(joining.subscribe(["a"], None).unwrap()).is_empty());
        });
        assert_eq!(block_on(topics.drain(WINDOW)).cut, 0);
        joining.join().unwrap();
    });
}

/// Fails if the first topic to end ends the reader.
#[test]
fn topics_that_are_dropped_end_their_readers_behind_the_last_event_of_all() {
    check(Some(2), || {
        let topics = Topics::new();
        let subscription = topics.subscribe(["a", "b"], None).unwrap();
        let channels = ["a", "b"].map(|name| topics.channel(name).unwrap());
        // The channels are dropped last, since a map has no order that could be repeated.
        drop(topics);
        let publisher = thread::spawn(move || {
            for channel in &channels {
                publish(channel, &numbered(1));
            }
            drop(channels);
        });
        assert_eq!(sequences(&read_to_end(subscription)), [1, 2]);
        publisher.join().unwrap();
    });
}

/// Fails if the number up to which the others are read is looked up behind the place where a topic ends.
#[test]
fn a_reader_of_topics_that_ends_has_left_out_nothing_below_what_it_read() {
    check(Some(2), || {
        let topics = Topics::new();
        let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
        let subscription = topics.subscribe(["a", "b"], None).unwrap();
        let draining = thread::spawn(move || {
            publish(&b, &numbered(1));
            a.shared().subscribers.close();
            publish(&a, &numbered(1));
            publish(&b, &numbered(2));
            b.shared().subscribers.close();
            (a, b)
        });
        let read = sequences(&read_to_end(subscription));
        assert!(!read.is_empty(), "what was published before the drain is missing");
        assert!(read.iter().copied().eq(1..=read.len() as u64), "{read:?}");
        draining.join().unwrap();
    });
}

/// Fails if it ends with the last of the topics that end, not with the first.
#[test]
fn a_reader_of_topics_that_end_apart_has_left_out_nothing_below_what_it_read() {
    check(Some(2), || {
        let topics = Topics::new();
        let names = ["a", "b", "c"];
        let [a, b, c] = names.map(|name| topics.channel(name).unwrap());
        let subscription = topics.subscribe(names, None).unwrap();
        let draining = thread::spawn(move || {
            publish(&b, &numbered(1));
            b.shared().subscribers.close();
            publish(&b, &numbered(2));
            publish(&c, &numbered(1));
            a.shared().subscribers.close();
            (a, b, c)
        });
        let read = sequences(&read_to_end(subscription));
        assert!(!read.is_empty(), "what was published before the drain is missing");
        assert!(read.iter().copied().eq(1..=read.len() as u64), "{read:?}");
        draining.join().unwrap();
    });
}
