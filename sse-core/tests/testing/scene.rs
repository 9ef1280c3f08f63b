//! A server that may tamper with what it sends, and its client.

use std::pin::Pin;

use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};
use typed_sse_core::testing::{Client, Ledger, Terms, ViolationKind};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Event, EventId, EventType, Frame, Slow, SseEvent, Start,
    Subscription, SubscriptionError,
};

#[derive(Clone, Copy)]
pub(crate) enum Sent {
    /// With a key.
    Price(&'static str, u32),
    Gone(&'static str),
    Note(u32),
    Tick(u32),
}

pub(crate) use Sent::{Gone, Note, Price, Tick};

impl SseEvent for Sent {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        match self {
            Price(symbol, price) => encoder.key(symbol)?.text(&format!("{symbol}={price}")),
            Gone(symbol) => encoder.key(symbol)?.tombstone()?.text(&format!("{symbol} gone")),
            Note(n) => encoder.text(&n.to_string()),
            Tick(n) => encoder.ephemeral()?.text(&format!("tick {n}")),
        }
    }
}

/// What a server sends in place of the last of these events.
pub(crate) type Tamper = fn(&[Frame]) -> Vec<Frame>;

pub(crate) type Body = Pin<Box<dyn Stream<Item = Result<Frame, SubscriptionError>>>>;

/// Sends nothing but what it should.
pub(crate) fn honest(frames: &[Frame]) -> Vec<Frame> {
    frames.last().cloned().into_iter().collect()
}

pub(crate) fn tampered(subscription: Subscription<Sent>, tamper: Tamper) -> Body {
    let mut frames = Vec::new();
    Box::pin(subscription.flat_map(move |frame| {
        let frame = frame.unwrap();
        let sent = if frame.is_event() {
            frames.push(frame);
            tamper(&frames)
        } else {
            vec![frame]
        };
        stream::iter(sent.into_iter().map(Ok))
    }))
}

/// A log of five events, and one client.
pub(crate) struct Scene {
    pub(crate) channel: Channel<Sent>,
    pub(crate) ledger: Ledger,
    pub(crate) client: Client<Body>,
}

impl Scene {
    pub(crate) fn new(terms: Terms) -> Self {
        let channel = Channel::builder().events(5).build();
        let ledger = Ledger::new().retaining(5);
        let mut client = ledger.client();
        client.set_terms(terms);
        Self { channel, ledger, client }
    }

    pub(crate) fn publish(&self, events: impl IntoIterator<Item = Sent>) -> Vec<EventId> {
        let publish = |event| self.ledger.publish(&self.channel, &event).now_or_never().unwrap().unwrap();
        events.into_iter().map(publish).collect()
    }

    pub(crate) fn open(&mut self, start: Start, slow: Slow, tamper: Tamper) {
        let last = self.client.last_event_id();
        let subscription = self.channel.subscribe(last).start(start).slow(slow);
        self.client.open(tampered(subscription, tamper));
    }

    pub(crate) fn read(&mut self) -> Vec<String> {
        self.client.ready().iter().map(|event| event.data().to_owned()).collect()
    }

    /// The kind and the words of the violation, with `epoch` for the epoch.
    pub(crate) fn violation(&mut self) -> (ViolationKind, String) {
        let violation = match self.ledger.check_caught_up(&mut self.client) {
            Ok(()) => panic!("nothing was found in {:?}", self.client.events()),
            Err(violation) => violation,
        };
        assert_eq!(format!("{violation:?}"), violation.to_string(), "an `unwrap` prints the same");
        assert_eq!(violation.connection(), self.client.connections().len());
        let cursor = self.channel.cursor();
        let epoch = cursor.as_str().split_once('-').unwrap().0;
        (violation.kind(), violation.to_string().replace(epoch, "epoch"))
    }

    pub(crate) fn is_kept(&mut self) {
        self.ledger.check_caught_up(&mut self.client).unwrap();
    }
}

pub(crate) fn untyped(data: &str, id: Option<&str>) -> Frame {
    let event = Event::new(data);
    id.map_or(event.clone(), |id| event.with_id(EventId::new(id).unwrap())).to_frame().unwrap()
}

pub(crate) fn reset(reason: &str, missed: &str, id: Option<&str>) -> Frame {
    let event = Event::new(format!("{{\"reason\":\"{reason}\",\"missed\":{missed}}}"))
        .with_event_type(EventType::from_static("reset"));
    id.map_or(event.clone(), |id| event.with_id(EventId::new(id).unwrap())).to_frame().unwrap()
}
