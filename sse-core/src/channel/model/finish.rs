//! A channel that is finished has given all that it took.

use futures_util::{FutureExt as _, StreamExt as _};
use loom::thread;

use super::{block_on, check, numbered, publish, sequences};
use crate::channel::{Channel, PublishError, Topics};
use crate::encode::{Encoded, Encoder, Frame};
use crate::event::{Event, SseEvent};
use crate::field::EncodeError;

/// Fails if it wakes before the end is stored, or if a reader that finds nothing looks no further.
#[test]
fn a_reader_gets_the_last_event_and_then_the_end() {
    check(Some(4), || {
        let channel = Channel::new();
        let subscription = channel.subscribe(None).no_checkpoints();
        let publisher = thread::spawn(move || {
            publish(&channel, &numbered(1));
            channel.finish_now();
            channel
        });
        let frames: Vec<Frame> = block_on(subscription.map(Result::unwrap).collect());
        assert_eq!(sequences(&frames), [1]);
        publisher.join().unwrap();
    });
}

/// Fails if whether it is finished is asked before the turn.
#[test]
fn what_is_accepted_is_delivered() {
    check(Some(3), || {
        let channel = Channel::new();
        let subscription = channel.subscribe(None).no_checkpoints();
        let publishing = channel.clone();
        let publisher = thread::spawn(move || publishing.publish(&numbered(1)).now_or_never().unwrap());
        let finishing = thread::spawn(move || {
            channel.finish_now();
            channel
        });
        let frames: Vec<Frame> = block_on(subscription.map(Result::unwrap).collect());
        match publisher.join().unwrap() {
            Ok(_) => assert_eq!(sequences(&frames), [1]),
            Err(error) => assert!(matches!(error, PublishError::Finished) && frames.is_empty()),
        }
        finishing.join().unwrap();
    });
}

/// Fails if the end is told in another turn than the event that is the end: another event would get behind it, or a reader would wait for
/// more.
#[test]
fn nothing_gets_behind_a_terminal_event() {
    check(Some(3), || {
        let channel = Channel::new();
        let subscription = channel.subscribe(None).no_checkpoints();
        let publishing = channel.clone();
        let publisher = thread::spawn(move || publishing.publish_now(&Numbered(1, false)).is_ok());
        let ending = thread::spawn(move || {
            channel.publish_now(&Numbered(2, true)).unwrap();
            channel
        });
        let frames: Vec<Frame> = block_on(subscription.map(Result::unwrap).collect());
        let was_published = publisher.join().unwrap();
        assert!(frames.last().unwrap().is_terminal());
        assert_eq!(frames.len(), 1 + usize::from(was_published));
        ending.join().unwrap();
    });
}

/// An event that may be the last.
struct Numbered(u8, bool);

impl SseEvent for Numbered {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        let encoder = if self.1 { encoder.terminal()? } else { encoder };
        encoder.text(if self.0 == 1 { "1" } else { "2" })
    }
}

/// Fails if a topic is made anew between being taken away and being finished, under its name and with its events.
#[test]
fn a_topic_that_is_closed_takes_no_event_that_nobody_gets() {
    check(Some(2), || {
        let topics = Topics::<Event>::new();
        let subscription = topics.subscribe(["a"], None).unwrap().no_checkpoints();
        let publishing = topics.clone();
        let publisher = thread::spawn(move || {
            let channel = publishing.channel("a").unwrap();
            (channel.publish_now(&numbered(1)), channel)
        });
        topics.close("a");
        let frames: Vec<Frame> = block_on(subscription.map(Result::unwrap).collect());
        let (published, channel) = publisher.join().unwrap();
        // To the old one and delivered, to the new one, or refused.
        let fresh = channel.counters().retained;
        match published {
            Ok(_) => assert_eq!(frames.len() as u64 + u64::from(frames.is_empty() && fresh == 1), 1),
            Err(error) => assert!(matches!(error, PublishError::Finished) && frames.is_empty()),
        }
    });
}
