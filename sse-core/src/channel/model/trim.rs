//! A reader that is overtaken is told, and told the truth.

use futures_util::StreamExt as _;
use loom::thread;

use super::{block_on, check, data, numbered, publish, sequence};
use crate::channel::{Channel, Slow, Start, Subscription, SubscriptionError};
use crate::encode::Frame;
use crate::event::Event;

const EVENTS: u32 = 3;

/// A log of one event, and what a reader makes of it.
fn check_overtaken(slow: Slow, start: Start, read: fn(Subscription<Event>)) {
    check(Some(3), move || {
        let channel = Channel::builder().events(1).slow(slow).build();
        let subscription = channel.subscribe(None).start(start).no_checkpoints();
        let publisher = thread::spawn(move || {
            for n in 1..=EVENTS {
                publish(&channel, &numbered(n));
            }
        });
        read(subscription);
        publisher.join().unwrap();
    });
}

/// Fails if a place that was trimmed is taken for the oldest one.
#[test]
fn one_that_is_disconnected_has_read_a_run_without_holes() {
    check_overtaken(Slow::Disconnect, Start::Live, |mut subscription| {
        block_on(async {
            let mut reached = 0;
            loop {
                match subscription.next().await.expect("it ended in silence") {
                    Ok(frame) if is_end(&frame) => return assert_eq!(reached, u64::from(EVENTS)),
                    Ok(frame) => reached = next(&frame, reached),
                    Err(SubscriptionError::Lagged) => {
                        assert!(reached < u64::from(EVENTS), "nothing was left to be overtaken by");
                        return assert!(subscription.next().await.is_none());
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        });
    });
}

/// Fails if the missed are counted under one lock, and the place to go on is taken under the next.
#[test]
fn one_that_skips_to_the_newest_is_told_how_much_it_missed() {
    check_overtaken(Slow::Skip, Start::Live, read_with_resets);
}

/// Fails for the same.
#[test]
fn one_that_skips_to_the_oldest_is_told_how_much_it_missed() {
    check_overtaken(Slow::Skip, Start::Earliest, read_with_resets);
}

fn read_with_resets(mut subscription: Subscription<Event>) {
    block_on(async {
        let mut reached = 0;
        let mut was_reset = false;
        loop {
            let frame = subscription.next().await.unwrap().unwrap();
            if is_end(&frame) {
                return assert_eq!(reached, u64::from(EVENTS), "read and missed are not all");
            }
            if frame.event_type() == "reset" {
                assert!(!was_reset, "nothing came between two resets");
                reached += missed(&frame);
            } else if frame.id().is_some() {
                reached = next(&frame, reached);
            } else {
                // What lies before it is told behind it.
                let number: u64 = data(&frame).parse().unwrap();
                let reset = subscription.next().await.unwrap().unwrap();
                reached += missed(&reset) + 1;
                assert_eq!(number, reached, "it came from elsewhere");
                assert_eq!(sequence(reset.id().unwrap()), reached, "the reset's ID is elsewhere");
            }
            was_reset = frame.event_type() == "reset" || frame.id().is_none();
            if was_reset && frame.id().is_some() {
                assert_eq!(sequence(frame.id().unwrap()), reached, "the reset's ID is elsewhere");
            }
        }
    });
}

fn next(frame: &Frame, reached: u64) -> u64 {
    let next = sequence(frame.id().unwrap());
    assert_eq!(next, reached + 1);
    next
}

fn missed(reset: &Frame) -> u64 {
    let missed = data(reset).strip_prefix(r#"{"reason":"lagged","missed":"#).unwrap();
    missed.strip_suffix('}').unwrap().parse().unwrap()
}

fn is_end(frame: &Frame) -> bool {
    !frame.is_event()
}
