//! Those who leave take nobody's wake-up with them.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_util::Stream as _;
use loom::thread;

use super::{check, numbered, publish, read, sequences};
use crate::channel::Channel;

#[test]
fn one_that_leaves_while_others_are_woken_takes_no_wake_up_along() {
    check(Some(3), || {
        let channel = Channel::new();
        let mut leaving = channel.subscribe(None);
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

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    check(None, || {
        let channel = Channel::new();
        let mut subscription = channel.subscribe(None);
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
