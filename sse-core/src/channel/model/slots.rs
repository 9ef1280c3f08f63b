//! Those who leave take nobody's wake-up with them.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_util::Stream as _;
use loom::thread;

use super::{check, numbered, publish, read, sequences};
use crate::channel::Channel;

/// Fails if waking stops at the number of members instead of the highest key, at the first batch or at an empty one, or if
/// one that leaves takes the wakers of others.
#[test]
fn one_that_leaves_while_others_are_woken_takes_no_wake_up_along() {
    check(Some(3), || {
        let channel = Channel::new();
        let mut leaving = channel.subscribe(None).no_checkpoints();
        let mut staying = channel.subscribe(None);
        assert!(Pin::new(&mut leaving).poll_next(&mut Context::from_waker(Waker::noop())).is_pending());
        let leaving = thread::spawn(move || drop(leaving));
        let publisher = thread::spawn(move || {
            publish(&channel, &numbered(1));
            channel
        });
        assert_eq!(sequences(&read(&mut staying, 1)), [1]);
        leaving.join().unwrap();
        publisher.join().unwrap();
    });
}

/// Fails if a waker that is registered stays.
#[test]
fn the_waker_of_the_last_poll_is_woken() {
    check(None, || {
        let channel = Channel::new();
        let mut subscription = channel.subscribe(None).no_checkpoints();
        let publisher = thread::spawn(move || {
            publish(&channel, &numbered(1));
            channel
        });
        // Another task polled it first.
        match Pin::new(&mut subscription).poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(frame) => assert_eq!(sequences(&[frame.unwrap().unwrap()]), [1]),
            Poll::Pending => assert_eq!(sequences(&read(&mut subscription, 1)), [1]),
        }
        publisher.join().unwrap();
    });
}

/// Fails if whoever wakes can be in a block while a place of it goes to another waker: it takes the flag, and wakes the one before.
#[test]
fn a_task_that_takes_over_is_woken_whoever_publishes() {
    check(Some(2), || {
        let channel = Channel::new();
        let mut subscription = channel.subscribe(None).no_checkpoints();
        let publishers = [channel.clone(), channel].map(|channel| {
            thread::spawn(move || {
                publish(&channel, &numbered(1));
                channel
            })
        });
        let first = match Pin::new(&mut subscription).poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(frame) => sequences(&[frame.unwrap().unwrap()]),
            Poll::Pending => Vec::new(),
        };
        let rest = sequences(&read(&mut subscription, 2 - first.len()));
        assert_eq!([first, rest].concat(), [1, 2]);
        publishers.into_iter().for_each(|publisher| drop(publisher.join().unwrap()));
    });
}
