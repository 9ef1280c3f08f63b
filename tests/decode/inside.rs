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
