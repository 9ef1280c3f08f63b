//! Types inside, envelopes, and what a newer server sends.

use std::sync::Arc;

use typed_sse::{Event, EventRef, EventType, FromEventError, FromSseEvent, SseEvent};

use crate::{comes_back, error, typed, wire};

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Log {
    Line(String),
    Tick {
        #[sse(id, skip)]
        at: Option<u8>,
    },
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum All {
    #[sse(transparent)]
    Log(Box<Log>),
    Own(u8),
    #[sse(transparent)]
    By {
        hand: ByHand,
    },
    #[sse(other)]
    New(Event),
}

/// Does not say which event types it knows.
#[derive(Debug, PartialEq)]
struct ByHand(String);

impl SseEvent for ByHand {
    fn encode<'a>(
        &self,
        encoder: typed_sse::Encoder<'a>,
    ) -> Result<typed_sse::Encoded<'a>, typed_sse::EncodeError> {
        encoder.event_type(&EventType::from_static("hand"))?.text(&self.0)
    }
}

impl FromSseEvent for ByHand {
    fn from_event(event: &EventRef<'_>) -> Result<Self, FromEventError> {
        match event.event_type {
            "hand" => Ok(Self(event.data.to_owned())),
            other => Err(FromEventError::unknown_event_type(other)),
        }
    }
}

#[test]
fn transparent_variants() {
    comes_back(&All::Log(Box::new(Log::Line("a".into()))));
    comes_back(&All::Log(Box::new(Log::Tick { at: None })));
    comes_back(&All::Own(1));
    comes_back(&All::By { hand: ByHand("h".into()) });
    comes_back(&All::New(Event::new("x").with_event_type(EventType::from_static("newer"))));
    // What is known and wrong is not new.
    assert!(
        error::<All>("event: line\ndata: 5\n\n").contains("invalid type: integer `5`, expected a string")
    );
    assert!(
        error::<All>("event: own\ndata: -5\n\n").starts_with("event `own` cannot be read as `Own`: its data")
    );
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[sse(event = "wrapped")]
struct Wrapped(u8);

/// What takes anything stands before what has a name.
#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Greedy {
    #[sse(transparent)]
    All(All),
    #[sse(transparent)]
    Wrapped(Box<Wrapped>),
    Mine(u8),
    #[sse(transparent)]
    Late(Late),
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Late {
    Later,
}

#[test]
fn a_name_comes_before_what_takes_anything() {
    comes_back(&Greedy::Mine(1));
    comes_back(&Greedy::Wrapped(Box::new(Wrapped(1))));
    comes_back(&Greedy::Late(Late::Later));
    comes_back(&Greedy::All(All::New(Event::new("x").with_event_type(EventType::from_static("newer")))));
    comes_back(&Greedy::All(All::By { hand: ByHand("h".into()) }));
    assert!(error::<Greedy>("event: mine\ndata: x\n\n").contains("as `Mine`"));
}

/// An envelope that wants an ID leaves what has none, and is not for it, to `other`.
#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Numbered {
    Stored {
        #[sse(id)]
        seq: u64,
        #[sse(transparent)]
        event: Log,
    },
    ByHand(#[sse(id)] u64, #[sse(transparent)] ByHand),
    #[sse(other)]
    New(Event),
}

#[test]
fn what_is_new_is_not_an_envelope_without_an_id() {
    comes_back(&Numbered::New(Event::new("x").with_event_type(EventType::from_static("newer"))));
    comes_back(&Numbered::ByHand(1, ByHand("h".into())));
    comes_back(&Numbered::Stored { seq: 1, event: Log::Line("a".into()) });
    assert!(error::<Numbered>("event: line\ndata: \"a\"\n\n").contains("from its event ID"));
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Unit {
    Known(u8),
    #[sse(other)]
    Unknown,
}

#[test]
fn other_without_a_field() {
    comes_back(&Unit::Unknown);
    assert_eq!(typed::<Unit>("event: newer\ndata: {\n\n").unwrap(), Unit::Unknown);
    assert!(typed::<Unit>("event: known\ndata: {\n\n").is_err());
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
struct Stored {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: Arc<Log>,
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Delivery<E> {
    Numbered(#[sse(id)] Option<u64>, #[sse(transparent)] E),
    Raw {
        #[sse(id)]
        seq: String,
        #[sse(transparent)]
        event: Event,
    },
}

#[test]
fn envelopes() {
    comes_back(&Stored { seq: 42, event: Arc::new(Log::Line("a".into())) });
    // The ID is that of the envelope, and the one inside was not sent.
    comes_back(&Stored { seq: 42, event: Arc::new(Log::Tick { at: None }) });
    let lost = Stored { seq: 42, event: Arc::new(Log::Tick { at: Some(1) }) };
    assert_eq!(typed::<Stored>(&wire(&lost)).unwrap().event, Arc::new(Log::Tick { at: None }));
    comes_back(&Delivery::Numbered(Some(1), Log::Line("a".into())));
    comes_back(&Delivery::Numbered(None, Log::Line("a".into())));
    comes_back(&Delivery::<Log>::Raw { seq: "s".into(), event: Event::new("x") });
    assert!(
        error::<Stored>("event: line\ndata: \"a\"\n\n")
            .contains("field `seq`, from its event ID: the event has none")
    );
}
