//! Fields in any order, and events inside events: what is set first stays.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::fmt;
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use proptest::prelude::*;
use typed_sse_core::{
    Channel, EncodeError, EncodeErrorKind, Encoded, Encoder, Event, EventId, EventType, Frame, PublishError,
    SseEvent, Start, Topics,
};

const NOTE: EventType = EventType::from_static("note");
const NEWS: EventType = EventType::from_static("news");

struct By<F>(F);

impl<F: Fn(Encoder<'_>) -> Result<Encoded<'_>, EncodeError>> SseEvent for By<F> {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        (self.0)(encoder)
    }
}

fn by<F: Fn(Encoder<'_>) -> Result<Encoded<'_>, EncodeError>>(write: F) -> By<F> {
    By(write)
}

fn frame(write: impl Fn(Encoder<'_>) -> Result<Encoded<'_>, EncodeError>) -> Frame {
    By(write).to_frame().unwrap()
}

/// Sets what it has, and leaves the rest to the event inside.
struct Envelope<E> {
    id: Option<u32>,
    key: Option<&'static str>,
    retry: Option<Duration>,
    event: E,
}

impl<E> Envelope<E> {
    /// It has nothing to set.
    fn around(event: E) -> Self {
        Self { id: None, key: None, retry: None, event }
    }
}

impl<E: SseEvent> SseEvent for Envelope<E> {
    fn encode<'a>(&self, mut encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        if let Some(id) = &self.id {
            encoder = encoder.id(id)?;
        }
        if let Some(key) = self.key {
            encoder = encoder.key(key)?;
        }
        if let Some(retry) = self.retry {
            encoder = encoder.retry(retry)?;
        }
        self.event.encode(encoder)
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// An event with every field.
fn full() -> Event {
    Event::new("x")
        .with_event_type(NOTE)
        .with_id(EventId::new("inner").unwrap())
        .with_retry(Duration::from_millis(5))
}

#[test]
fn an_envelope_gives_what_it_has_and_the_event_inside_the_rest() {
    let inner = by(|encoder| full().encode(encoder.key("inner")?));
    for (id, line) in [(Some(7), "id: 7\n"), (None, "id: inner\n")] {
        for (retry, ms) in [(Some(SECOND), 1000), (None, 5)] {
            for key in [Some("outer"), None] {
                let expected = format!("event: note\n{line}retry: {ms}\ndata: x\n\n");
                // Around the event, around a frame, and around two envelopes, of which one comes too late.
                let event = Envelope { id, key, retry, event: &inner };
                let encoded = Envelope { id, key, retry, event: inner.to_frame().unwrap() };
                let late = Envelope {
                    id: id.map(|_| 8),
                    key: key.map(|_| "late"),
                    retry: retry.map(|_| Duration::ZERO),
                    event: Envelope::around(&inner),
                };
                let nested = Envelope { id, key, retry, event: late };
                for frame in [event.to_frame(), encoded.to_frame(), nested.to_frame()].map(Result::unwrap) {
                    assert_eq!(String::from_utf8_lossy(frame.as_ref()), expected);
                    assert_eq!(frame.key(), key.or(Some("inner")));
                    assert_eq!(frame.event_type(), "note");
                    assert_eq!(frame.id(), Some(expected.lines().nth(1).unwrap().trim_start_matches("id: ")));
                }
            }
        }
    }
}

#[test]
fn an_event_type_that_is_set_outside_stays() {
    for (outer, line) in [(NEWS, "event: news\n"), (EventType::MESSAGE, "")] {
        let event = frame(|encoder| full().encode(encoder.event_type(&outer)?));
        let encoded = frame(|encoder| full().to_frame()?.encode(encoder.event_type(&outer)?));
        assert_eq!(event.as_ref(), format!("{line}id: inner\nretry: 5\ndata: x\n\n").as_bytes());
        assert_eq!((encoded, event.event_type()), (event.clone(), outer.as_str()));
    }
    let explicit = frame(|encoder| full().encode(encoder.explicit_event_type(&EventType::MESSAGE)?));
    assert_eq!(explicit.as_ref(), b"event: message\nid: inner\nretry: 5\ndata: x\n\n");
}

#[test]
fn an_id_outside_makes_an_ephemeral_event_one_that_is_replayed() {
    let typing = by(|encoder| encoder.ephemeral()?.event_type(&NOTE)?.text("x"));
    assert!(typing.to_frame().unwrap().is_ephemeral());
    let event = Envelope { id: Some(7), ..Envelope::around(&typing) };
    let encoded = Envelope { id: Some(7), ..Envelope::around(typing.to_frame().unwrap()) };
    for frame in [event.to_frame(), encoded.to_frame()].map(Result::unwrap) {
        assert_eq!(frame.as_ref(), b"event: note\nid: 7\ndata: x\n\n");
        assert!(!frame.is_ephemeral());
    }
    // Without one it stays what it is.
    let event = Envelope { key: Some("k"), ..Envelope::around(&typing) }.to_frame().unwrap();
    assert!(event.is_ephemeral() && event.id().is_none());
}

#[test]
fn an_event_is_made_ephemeral_from_outside() {
    for frame in [
        frame(|encoder| full().encode(encoder.ephemeral()?)),
        frame(|encoder| full().to_frame()?.encode(encoder.ephemeral()?)),
    ] {
        assert_eq!(frame.as_ref(), b"event: note\nretry: 5\ndata: x\n\n");
        assert!(frame.is_ephemeral() && frame.id().is_none());
    }
}

#[test]
fn a_tombstone_takes_out_the_key_that_the_event_has_in_the_end() {
    let left = by(|encoder| encoder.key("inner")?.tombstone()?.text("x"));
    let keyless = by(|encoder| encoder.tombstone()?.text("x"));
    for frame in [
        frame(|encoder| left.encode(encoder.key("outer")?)),
        frame(|encoder| left.to_frame()?.encode(encoder.key("outer")?)),
        frame(|encoder| keyless.encode(encoder.key("outer")?)),
        frame(|encoder| Event::new("x").encode(encoder.tombstone()?.key("outer")?)),
    ] {
        assert_eq!((frame.key(), frame.is_tombstone()), (Some("outer"), true));
    }
    // An empty key is none, so that the next one counts.
    let frame = frame(|encoder| left.encode(encoder.key("")?));
    assert_eq!((frame.key(), frame.is_tombstone()), (Some("inner"), true));
    let empty = by(|encoder| encoder.key("")?.tombstone()?.json(&1));
    for error in [keyless.to_frame().unwrap_err(), empty.to_frame().unwrap_err()] {
        assert_eq!((error.field(), error.kind()), ("key", EncodeErrorKind::NoKey));
    }
}

/// What gives way is not even written, so nothing can be wrong with it.
#[test]
fn what_gives_way_cannot_be_refused() {
    struct Fails;
    impl fmt::Display for Fails {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    let inner = by(|encoder| encoder.key(&Fails)?.text("x"));
    assert_eq!(inner.to_frame().unwrap_err().kind(), EncodeErrorKind::Value);
    assert_eq!(frame(|encoder| inner.encode(encoder.key("k")?)).key(), Some("k"));
    for (id, kind) in
        [("", EncodeErrorKind::Empty), ("a\nb", EncodeErrorKind::LineBreak), ("\0", EncodeErrorKind::Null)]
    {
        let inner = by(|encoder| encoder.id(id)?.text("x"));
        assert_eq!(inner.to_frame().unwrap_err().kind(), kind);
        assert_eq!(frame(|encoder| inner.encode(encoder.id(&7)?)).as_ref(), b"id: 7\ndata: x\n\n");
        assert_eq!(frame(|encoder| inner.encode(encoder.ephemeral()?)).as_ref(), b"data: x\n\n");
        // The one that counts is checked, whatever stands inside.
        let error = by(|encoder| full().encode(encoder.id(id)?)).to_frame().unwrap_err();
        assert_eq!((error.field(), error.kind()), ("id", kind));
    }
}

#[test]
fn what_is_no_event_has_nothing_to_wrap() {
    let place = Channel::<Event>::new().subscribe(None).next().now_or_never().flatten().unwrap().unwrap();
    assert!(!place.is_event());
    let error = by(|encoder| place.encode(encoder.id(&7)?)).to_frame().unwrap_err();
    assert_eq!((error.field(), error.kind()), ("data", EncodeErrorKind::NoEvent));
    let error = place.with_id(&EventId::new("7").unwrap()).unwrap_err();
    assert_eq!((error.field(), error.kind()), ("data", EncodeErrorKind::NoEvent));
    assert!(error.to_string().contains("ask `Frame::is_event` first"), "{error}");
}

/// A frame that others share, which a channel gave a cursor and a topic.
#[test]
fn a_frame_is_given_an_id_afterwards() {
    let topics = Topics::<Event>::new();
    let orders = topics.channel("orders/42").unwrap();
    let mut subscription = orders.subscribe(None).no_checkpoints();
    let cursor = orders.publish_now(&Event::new("paid").with_retry(SECOND)).unwrap();
    let frame = subscription.next().now_or_never().flatten().unwrap().unwrap();
    let shared = frame.clone();
    let numbered = frame.with_id(&EventId::new("a longer ID than the cursor before it").unwrap()).unwrap();
    assert_eq!(
        String::from_utf8_lossy(numbered.as_ref()),
        "id: a longer ID than the cursor before it\nretry: 1000\ndata: paid\n\n"
    );
    assert_eq!(numbered.topic(), Some("orders/42"));
    assert_eq!((shared.id(), frame.id()), (Some(cursor.as_str()), Some(cursor.as_str())));
    // It is an ID of its own now: a channel takes the frame back under it, and only once.
    let channel = Channel::<Frame>::new();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    channel.publish_now(&frame).unwrap();
    channel.publish_now(&Event::new("x").to_frame().unwrap()).unwrap();
    let sent: Vec<_> =
        std::iter::from_fn(|| subscription.next().now_or_never().flatten()).flatten().collect();
    assert!(matches!(channel.publish_now(&sent[1]), Err(PublishError::CursorId { .. })));
    let short = sent[1].with_id(&EventId::new("7").unwrap()).unwrap();
    assert_eq!(channel.publish_now(&short).unwrap().as_str(), "7");
    assert!(matches!(channel.publish_now(&short), Err(PublishError::DuplicateId { .. })));
}

/// In the log too: an own ID is the one outside, and a cursor comes where neither has one.
#[test]
fn a_channel_goes_by_the_id_outside() {
    let channel = Channel::<Envelope<Event>>::new();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    let publish = |id, event| {
        let event = Envelope { id, key: Some("k"), retry: Some(SECOND), event };
        channel.publish_now(&event).unwrap().as_str().to_owned()
    };
    assert_eq!(publish(Some(7), full()), "7");
    assert_eq!(publish(None, full()), "inner");
    let cursor = publish(None, Event::new("y").with_event_type(NEWS));
    let mut next = || subscription.next().now_or_never().flatten().unwrap().unwrap();
    for (line, rest) in
        [("note\nid: 7", "x"), ("note\nid: inner", "x"), (&format!("news\nid: {cursor}"), "y")]
    {
        let frame = next();
        assert_eq!(
            String::from_utf8_lossy(frame.as_ref()),
            format!("event: {line}\nretry: 1000\ndata: {rest}\n\n")
        );
        assert_eq!(frame.key(), Some("k"));
    }
    let again = EventId::new("7").unwrap();
    let resumed = channel.subscribe(Some(again.into())).no_checkpoints().next().now_or_never().flatten();
    assert_eq!(resumed.unwrap().unwrap().id(), Some("inner"));
}

/// One call on the encoder.
#[derive(Clone, Debug)]
enum Call {
    Key(String),
    Tombstone,
    EventType(EventType),
    Explicit(EventType),
    Id(String),
    Ephemeral,
    Retry(u64),
}

impl Call {
    fn on<'a>(&self, encoder: Encoder<'a>) -> Result<Encoder<'a>, EncodeError> {
        match self {
            Self::Key(key) => encoder.key(key),
            Self::Tombstone => encoder.tombstone(),
            Self::EventType(event_type) => encoder.event_type(event_type),
            Self::Explicit(event_type) => encoder.explicit_event_type(event_type),
            Self::Id(id) => encoder.id(id),
            Self::Ephemeral => encoder.ephemeral(),
            Self::Retry(ms) => encoder.retry(Duration::from_millis(*ms)),
        }
    }
}

fn set<'a>(calls: &[Call], encoder: Encoder<'a>) -> Result<Encoder<'a>, EncodeError> {
    calls.iter().try_fold(encoder, |encoder, call| call.on(encoder))
}

/// What a list of calls makes of the fields, in the plainest way.
#[derive(Default)]
struct Expected {
    key: Option<String>,
    tombstone: bool,
    event_type: Option<(String, bool)>,
    id: Option<Option<String>>,
    retry: Option<u64>,
}

impl Expected {
    fn of<'c>(calls: impl IntoIterator<Item = &'c Call>) -> Self {
        let mut expected = Self::default();
        for call in calls {
            match call {
                Call::Key(key) if key.is_empty() => {}
                Call::Key(key) => first(&mut expected.key, key.clone()),
                Call::Tombstone => expected.tombstone = true,
                Call::EventType(name) => {
                    first(&mut expected.event_type, (name.to_string(), name.as_str() != "message"));
                }
                Call::Explicit(name) => first(&mut expected.event_type, (name.to_string(), true)),
                Call::Id(id) => first(&mut expected.id, Some(id.clone())),
                Call::Ephemeral => first(&mut expected.id, None),
                Call::Retry(ms) => first(&mut expected.retry, *ms),
            }
        }
        expected
    }

    fn wire(&self, cursor: Option<&str>) -> String {
        let mut wire = String::new();
        if let Some((name, true)) = &self.event_type {
            wire += &format!("event: {name}\n");
        }
        let id = self.id.as_ref().map_or(cursor, Option::as_deref);
        if let Some(id) = id {
            wire += &format!("id: {id}\n");
        }
        if let Some(ms) = self.retry {
            wire += &format!("retry: {ms}\n");
        }
        wire + "data: one\ndata: two\n\n"
    }

    fn assert(&self, frame: &Frame, cursor: Option<&str>) {
        assert_eq!(String::from_utf8_lossy(frame.as_ref()), self.wire(cursor));
        let event_type = self.event_type.as_ref().map_or("message", |(name, _)| name);
        assert_eq!((frame.key(), frame.event_type()), (self.key.as_deref(), event_type));
        assert_eq!(frame.id(), self.id.as_ref().map_or(cursor, Option::as_deref));
        assert_eq!((frame.is_ephemeral(), frame.is_tombstone()), (self.id == Some(None), self.tombstone));
    }
}

fn first<T>(field: &mut Option<T>, value: T) {
    field.get_or_insert(value);
}

fn call() -> impl Strategy<Value = Call> {
    let event_type = || prop::sample::select(vec![NOTE, EventType::MESSAGE, EventType::from_static("id: 1")]);
    prop_oneof![
        // Also keys that look like lines, since they stand before the wire bytes.
        prop::sample::select(vec!["", "k", "event: a\nid: b\n", "a long key of many bytes"])
            .prop_map(|key| Call::Key(key.to_owned())),
        Just(Call::Tombstone),
        event_type().prop_map(Call::EventType),
        event_type().prop_map(Call::Explicit),
        "[a-z:]{1,20}".prop_map(Call::Id),
        Just(Call::Ephemeral),
        any::<u64>().prop_map(Call::Retry),
    ]
}

proptest! {
    /// The calls in their order, in as many events and frames inside each other as there are cuts.
    #[test]
    fn any_order_of_calls_gives_the_bytes_of_the_order_of_the_wire(
        calls in prop::collection::vec(call(), 0..9),
        cut in 0..9_usize,
    ) {
        let expected = Expected::of(&calls);
        let event = by(|encoder| set(&calls, encoder)?.text("one\ntwo"));
        if expected.tombstone && expected.key.is_none() {
            prop_assert_eq!(event.to_frame().unwrap_err().kind(), EncodeErrorKind::NoKey);
            return Ok(());
        }
        let frame = event.to_frame().unwrap();
        expected.assert(&frame, None);

        // In the order of the wire, each field once.
        let in_order = by(|mut encoder| {
            if let Some(key) = &expected.key {
                encoder = encoder.key(key)?;
            }
            if expected.tombstone {
                encoder = encoder.tombstone()?;
            }
            encoder = match &expected.event_type {
                Some((name, true)) => encoder.explicit_event_type(&EventType::new(name.clone())?)?,
                _ => encoder.event_type(&EventType::MESSAGE)?,
            };
            encoder = match &expected.id {
                Some(Some(id)) => encoder.id(id)?,
                Some(None) => encoder.ephemeral()?,
                None => encoder,
            };
            if let Some(ms) = expected.retry {
                encoder = encoder.retry(Duration::from_millis(ms))?;
            }
            encoder.text("one\ntwo")
        });
        prop_assert_eq!(&in_order.to_frame().unwrap(), &frame);

        // What comes late as an encoded frame. One that sets a tombstone has a key of its own.
        let (outer, inner) = calls.split_at(cut.min(calls.len()));
        let key_comes_late = inner.iter().any(|call| matches!(call, Call::Tombstone))
            && Expected::of(inner).key.is_none();
        if !key_comes_late {
            let inner = by(|encoder| set(inner, encoder)?.text("one\ntwo")).to_frame().unwrap();
            expected.assert(&by(|encoder| inner.encode(set(outer, encoder)?)).to_frame().unwrap(), None);
        }

        // With an ID afterwards, and only that is another.
        let numbered = frame.with_id(&EventId::new("a").unwrap()).unwrap();
        Expected { id: Some(Some("a".to_owned())), ..Expected::of(&calls) }.assert(&numbered, None);
        expected.assert(&frame, None);

        // In a channel, which puts its cursor between the fields that are there, and the name of a topic before them.
        let topics = Topics::new();
        let channel = topics.channel("orders/42").unwrap();
        let id = channel.publish_now(&event).unwrap();
        let frame = channel.subscribe(None).start(Start::Earliest).no_checkpoints().next().now_or_never();
        if let Some(frame) = frame.flatten() {
            let frame = frame.unwrap();
            expected.assert(&frame, Some(id.as_str()));
            prop_assert_eq!(frame.topic(), Some("orders/42"));
        } else {
            prop_assert_eq!(expected.id, Some(None));
        }
    }
}
