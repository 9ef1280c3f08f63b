//! An event that ends its stream, written by hand.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{
    Channel, EncodeError, EncodeErrorKind, Encoded, Encoder, Event, EventId, EventSpec, LastEventId,
    PublishError, SseEvent, Start, Topics,
};

/// The last of its stream, under this ID or a cursor.
struct Last(Option<&'static str>);

impl SseEvent for Last {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        let encoder = encoder.terminal()?;
        match self.0 {
            Some(id) => encoder.id(id)?.text("[DONE]"),
            None => encoder.text("[DONE]"),
        }
    }
}

#[test]
fn it_goes_through_whatever_carries_an_event() {
    let frame = Last(Some("1")).to_frame().unwrap();
    assert!(frame.is_terminal() && !Event::new("[DONE]").to_frame().unwrap().is_terminal());
    assert_eq!(frame.as_ref(), b"id: 1\ndata: [DONE]\n\n");
    assert!(frame.with_id(&EventId::new("2").unwrap()).unwrap().is_terminal());
    assert!(Box::new(frame).to_frame().unwrap().is_terminal());
    assert!(EventSpec::new("a").with_terminal().is_terminal() && !EventSpec::new("a").is_terminal());
}

#[test]
fn who_comes_back_gets_it_and_who_has_it_is_done() {
    for (id, last) in [(None, "2"), (Some("own"), "own")] {
        let channel = Channel::new();
        let first = channel.publish_now(&Event::new("a").to_frame().unwrap()).unwrap();
        let id = channel.publish_now(&Last(id).to_frame().unwrap()).unwrap();
        assert!(id.as_str().ends_with(last));
        let rest = channel.subscribe(LastEventId::from(first)).collect::<Vec<_>>().now_or_never().unwrap();
        let rest: Vec<_> = rest.into_iter().map(Result::unwrap).collect();
        assert!(rest.len() == 1 && rest[0].is_terminal() && rest[0].id() == Some(id.as_str()));
        let done = channel.subscribe(LastEventId::from(id)).collect::<Vec<_>>().now_or_never().unwrap();
        assert!(done.is_empty());
        channel.finish_now();
    }
}

#[test]
fn all_of_a_batch_or_nothing() {
    let channel = Channel::new();
    let (event, last) = (Event::new("a").to_frame().unwrap(), Last(None).to_frame().unwrap());
    for batch in [[&last, &event, &event], [&event, &last, &event], [&last, &last, &last]] {
        assert!(matches!(channel.publish_all_now(batch), Err(PublishError::Finished)));
    }
    assert_eq!(channel.counters().published, 0);
    assert_eq!(channel.publish_all_now([&event, &last]).unwrap().len(), 2);
    let publish = channel.publish(&event).now_or_never().unwrap();
    assert!(matches!(publish, Err(PublishError::Finished)));
    let all = channel.subscribe(None).start(Start::Earliest).no_checkpoints();
    assert_eq!(all.collect::<Vec<_>>().now_or_never().unwrap().len(), 2);
}

/// An event that is refused ends nothing.
#[test]
fn one_that_is_not_published_ends_nothing() {
    let channel = Channel::builder().event_bytes(20).build();
    channel.publish_now(&Event::new("a").to_frame().unwrap()).unwrap();
    assert!(matches!(
        channel.publish_now(&Last(Some("a-long-id-of-its-own")).to_frame().unwrap()),
        Err(PublishError::TooLong { .. })
    ));
    channel.publish_now(&Event::new("a").to_frame().unwrap()).unwrap();
}

#[test]
fn a_topic_that_had_it_stays_finished_and_others_go_on() {
    let topics = Topics::new();
    let (one, two) = (topics.channel("one").unwrap(), topics.channel("two").unwrap());
    one.publish_now(&Last(None).to_frame().unwrap()).unwrap();
    assert!(matches!(one.publish_now(&Last(None).to_frame().unwrap()), Err(PublishError::Finished)));
    two.publish_now(&Event::new("a").to_frame().unwrap()).unwrap();
    topics.close("one");
    let anew = topics.channel("one").unwrap();
    anew.publish_now(&Event::new("b").to_frame().unwrap()).unwrap();
}

struct LiveOnly;

impl SseEvent for LiveOnly {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.ephemeral()?.terminal()?.text("x")
    }
}

struct Numbered(LiveOnly);

impl SseEvent for Numbered {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        self.0.encode(encoder.id("1")?)
    }
}

#[test]
fn it_cannot_be_live_only_unless_an_envelope_gives_it_an_id() {
    let error = LiveOnly.to_frame().unwrap_err();
    assert_eq!((error.field(), error.kind()), ("id", EncodeErrorKind::EphemeralTerminal));
    assert!(Numbered(LiveOnly).to_frame().unwrap().is_terminal());
}
