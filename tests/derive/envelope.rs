//! `transparent` on a field.

use std::time::Duration;

use typed_sse::{Event, EventId, EventType, SseEvent};

use crate::{types, wire};

#[derive(SseEvent)]
enum Inner {
    Plain(u8),
    #[sse(retry = 5)]
    Numbered {
        #[sse(id, skip)]
        seq: u8,
        #[sse(key)]
        key: u8,
    },
    #[sse(ephemeral, event = "message")]
    Live,
}

#[derive(SseEvent)]
struct Stored {
    #[sse(id)]
    seq: u64,
    #[sse(skip)]
    #[allow(dead_code)]
    at: u64,
    #[sse(transparent)]
    event: Inner,
}

#[test]
fn the_id_is_from_outside_and_the_rest_from_inside() {
    let stored = |event| Stored { seq: 7, at: 1, event };
    assert_eq!(wire(&stored(Inner::Plain(1))), "event: plain\nid: 7\ndata: 1\n\n");
    let numbered = stored(Inner::Numbered { seq: 1, key: 2 });
    assert_eq!(wire(&numbered), "event: numbered\nid: 7\nretry: 5\ndata: {\"key\":2}\n\n");
    assert_eq!(numbered.to_frame().unwrap().key(), Some("2"));
    // With an ID it can be replayed.
    assert_eq!(wire(&stored(Inner::Live)), "id: 7\ndata: null\n\n");
    assert!(!stored(Inner::Live).to_frame().unwrap().is_ephemeral());
    assert_eq!(types::<Stored>(), ["plain", "numbered", "message"]);
}

/// What stands beside the event can be unsized.
#[derive(SseEvent)]
struct Tailed<T: ?Sized> {
    #[sse(transparent)]
    event: Inner,
    #[sse(id = |tail: &T| std::mem::size_of_val(tail))]
    tail: T,
}

#[test]
fn an_unsized_envelope() {
    let tailed: Box<Tailed<[u8]>> = Box::new(Tailed { event: Inner::Plain(1), tail: [7, 8, 9] });
    assert_eq!(wire(&*tailed), "event: plain\nid: 3\ndata: 1\n\n");
    assert_eq!(types::<Tailed<[u8]>>(), ["plain", "numbered", "message"]);
}

/// All that an envelope can add, in an enum and of a generic type.
#[derive(SseEvent)]
#[sse(untagged)]
enum Log<'a, E> {
    Started,
    #[sse(retry = 9)]
    Entry(#[sse(key)] &'a str, #[sse(transparent)] E, #[sse(id)] u8),
    Later {
        #[sse(retry)]
        back_in: Duration,
        #[sse(id = |id| id + 1, skip, key)]
        id: u8,
        #[sse(transparent)]
        event: Box<E>,
    },
}

#[test]
fn keys_and_reconnection_times_are_from_outside_too() {
    let entry = Log::Entry("outer", Inner::Numbered { seq: 1, key: 2 }, 3);
    assert_eq!(wire(&entry), "event: numbered\nid: 3\nretry: 9\ndata: {\"key\":2}\n\n");
    assert_eq!(entry.to_frame().unwrap().key(), Some("outer"));
    let event = Box::new(Inner::Numbered { seq: 1, key: 2 });
    let later = Log::Later { back_in: Duration::from_secs(1), id: 4, event };
    assert_eq!(wire(&later), "event: numbered\nid: 5\nretry: 1000\ndata: {\"key\":2}\n\n");
    assert_eq!(later.to_frame().unwrap().key(), Some("4"));
    assert_eq!(wire(&Log::<Inner>::Started), "event: started\ndata: null\n\n");
}

/// `None` outside leaves the ID to the event inside.
#[derive(SseEvent)]
struct Maybe {
    #[sse(id)]
    seq: Option<u8>,
    #[sse(transparent)]
    event: Inner,
}

#[derive(SseEvent)]
struct OrEphemeral {
    #[sse(id, or_ephemeral)]
    seq: Option<u8>,
    #[sse(transparent)]
    event: Inner,
}

#[test]
fn an_id_that_may_be_missing() {
    let numbered = || Inner::Numbered { seq: 1, key: 2 };
    assert_eq!(Maybe { seq: None, event: numbered() }.to_frame().unwrap().id(), Some("1"));
    assert_eq!(Maybe { seq: Some(2), event: numbered() }.to_frame().unwrap().id(), Some("2"));
    let frame = OrEphemeral { seq: None, event: Inner::Plain(1) }.to_frame().unwrap();
    assert!(frame.is_ephemeral() && frame.id().is_none());
    // The ID of the event inside gives way to its absence outside.
    let frame = OrEphemeral { seq: None, event: numbered() }.to_frame().unwrap();
    assert!(frame.is_ephemeral() && frame.id().is_none());
    assert_eq!(OrEphemeral { seq: Some(2), event: numbered() }.to_frame().unwrap().id(), Some("2"));
}

/// Envelopes in envelopes, and around what is not derived.
#[derive(SseEvent)]
struct Outer {
    #[sse(id)]
    seq: u8,
    #[sse(transparent)]
    event: Stored,
}

#[derive(SseEvent)]
struct Untyped(#[sse(id)] u8, #[sse(transparent)] Event);

struct ByHand {
    seq: u64,
    event: Inner,
}

impl SseEvent for ByHand {
    fn encode<'a>(
        &self,
        encoder: typed_sse::Encoder<'a>,
    ) -> Result<typed_sse::Encoded<'a>, typed_sse::EncodeError> {
        self.event.encode(encoder.id(&self.seq)?)
    }
}

#[test]
fn the_outermost_wins() {
    let stored = Stored { seq: 7, at: 1, event: Inner::Numbered { seq: 1, key: 2 } };
    assert_eq!(Outer { seq: 9, event: stored }.to_frame().unwrap().id(), Some("9"));
    let event =
        Event::new("a").with_event_type(EventType::from_static("x")).with_id(EventId::new("1").unwrap());
    assert_eq!(wire(&Untyped(2, event)), "event: x\nid: 2\ndata: a\n\n");
    let by_hand = ByHand { seq: 7, event: Inner::Numbered { seq: 1, key: 2 } };
    assert_eq!(wire(&by_hand), "event: numbered\nid: 7\nretry: 5\ndata: {\"key\":2}\n\n");
}

/// An envelope that is JSON elsewhere.
#[derive(serde::Serialize, SseEvent)]
#[sse(data = fields)]
struct AlsoJson {
    #[sse(id)]
    seq: u8,
    #[sse(transparent)]
    #[serde(flatten)]
    event: Whole,
}

#[derive(serde::Serialize, SseEvent)]
#[serde(tag = "type")]
#[sse(data = self)]
enum Whole {
    One { x: u8 },
}

#[test]
fn serde_may_flatten_it_elsewhere() {
    let event = AlsoJson { seq: 1, event: Whole::One { x: 2 } };
    assert_eq!(wire(&event), "event: One\nid: 1\ndata: {\"type\":\"One\",\"x\":2}\n\n");
    assert_eq!(serde_json::to_string(&event).unwrap(), "{\"seq\":1,\"type\":\"One\",\"x\":2}");
}
