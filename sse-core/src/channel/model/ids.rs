//! Events without an ID, and with their own.

use futures_util::FutureExt as _;
use loom::thread;

use super::{check, publish, read, read_to_end, ready, sequence, sequences};
use crate::channel::{Channel, PublishError, ResetReason, Resumption, Topics};
use crate::encode::{Encoded, Encoder};
use crate::event::{Event, SseEvent};
use crate::field::{EncodeError, EventId, LastEventId};

/// Live only, unless told otherwise.
struct Tick {
    ephemeral: bool,
}

impl SseEvent for Tick {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        if self.ephemeral { encoder.ephemeral()?.text("ephemeral") } else { encoder.text("durable") }
    }
}

fn own(id: &str) -> Event {
    Event::new(id).with_id(EventId::new(id).unwrap())
}

/// Fails if an ephemeral event takes a number, or if what is ephemeral counts as replayed once it is there.
#[test]
fn an_ephemeral_event_is_read_in_its_place_and_moves_no_cursor() {
    check(Some(3), || {
        let channel = Channel::new();
        let mut live = channel.subscribe(None);
        let publishers = [true, false].map(|ephemeral| {
            let channel = channel.clone();
            thread::spawn(move || publish(&channel, &Tick { ephemeral }))
        });
        let [first, second] = read(&mut live, 2).try_into().unwrap();
        let [ephemeral, durable] = publishers.map(|publisher| publisher.join().unwrap());
        assert_eq!(sequence(durable.as_str()), 1);
        let (behind, frame) = if first.is_ephemeral() { (0, second) } else { (1, first) };
        assert_eq!(frame.id(), Some(durable.as_str()));
        assert_eq!(sequence(ephemeral.as_str()), behind, "it stands behind the event before it");
        let mut back = channel.subscribe(LastEventId::from(ephemeral));
        assert_eq!(sequences(&ready(&mut back)), if behind == 0 { vec![1] } else { vec![] });
    });
}

/// Fails if the ID is looked up under one lock, and the place to begin is taken under the next.
#[test]
fn an_own_id_is_known_or_not_and_either_way_nothing_is_missing() {
    check(Some(4), || {
        let channel = Channel::new();
        let publisher = channel.clone();
        let publisher = thread::spawn(move || {
            publish(&publisher, &own("x"));
            publish(&publisher, &own("y"));
        });
        let mut subscription = channel.subscribe("x");
        let expected: &[&str] = match subscription.resumption() {
            Resumption::Complete => &["y"],
            Resumption::Reset(reset) => {
                assert_eq!(reset.reason, ResetReason::Unknown);
                // Nothing was there, or the ID would have been.
                assert_eq!(sequence(read(&mut subscription, 1)[0].id().unwrap()), 0);
                &["x", "y"]
            }
            Resumption::New => panic!("the ID was overlooked"),
        };
        let frames = read(&mut subscription, expected.len());
        assert!(frames.iter().map(|frame| frame.id().unwrap()).eq(expected.iter().copied()));
        publisher.join().unwrap();
    });
}

/// Fails if the end is moved before the event is accepted, or if a refused one uses up its number.
#[test]
fn of_two_events_with_one_id_one_is_published() {
    check(Some(3), || {
        let channel = Channel::new();
        let mut live = channel.subscribe(None);
        let publishers = [(); 2].map(|()| {
            let channel = channel.clone();
            thread::spawn(move || channel.publish(&own("x")).now_or_never().unwrap())
        });
        assert_eq!(read(&mut live, 1)[0].id(), Some("x"));
        let results = publishers.map(|publisher| publisher.join().unwrap());
        let refused = results.iter().filter(|result| matches!(result, Err(PublishError::DuplicateId { .. })));
        assert_eq!(refused.count(), 1);
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        // The refused one has left no trace: neither a place that the reader would wait for, nor a number.
        channel.shared().subscribers.close();
        assert!(read_to_end(live).is_empty());
        assert_eq!(sequence(publish(&channel, &Event::new("next")).as_str()), 2);
    });
}

/// Fails if the ID is not made a place in all topics before they are subscribed to.
#[test]
fn an_own_id_resumes_all_topics_as_soon_as_it_is_read() {
    check(Some(3), || {
        let topics = Topics::new();
        let names = ["a", "b"];
        let mut subscription = topics.subscribe(names, None).unwrap();
        let publishers = names.map(|name| {
            let channel = topics.channel(name).unwrap();
            thread::spawn(move || {
                publish(&channel, &own(name));
            })
        });
        let first = read(&mut subscription, 1).remove(0);
        drop(subscription);
        let mut subscription = topics.subscribe(names, first.id().unwrap()).unwrap();
        assert_eq!(subscription.resumption(), Resumption::Complete);
        assert_ne!(read(&mut subscription, 1)[0].id(), first.id());
        publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
        assert!(ready(&mut subscription).is_empty());
    });
}
