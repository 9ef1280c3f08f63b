//! Records of a store: fields, back and forth.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::time::Duration;

use proptest::prelude::*;
use typed_sse_core::store::{Epoch, Record, RecordKind};
use typed_sse_core::{EncodeError, Encoded, Encoder, Event, EventId, EventType, SseEvent};

/// Everything that an event can have.
#[derive(Clone, Debug)]
struct Full {
    event: Event,
    key: Option<String>,
    tombstone: bool,
    terminal: bool,
}

impl SseEvent for Full {
    fn encode<'a>(&self, mut encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        if let Some(key) = &self.key {
            encoder = encoder.key(key)?;
        }
        if self.tombstone {
            encoder = encoder.tombstone()?;
        }
        if self.terminal {
            encoder = encoder.terminal()?;
        }
        self.event.encode(encoder)
    }
}

fn full() -> impl Strategy<Value = Full> {
    let event_type = prop_oneof![Just("message".to_owned()), "[^\r\n\0]{1,8}"];
    let id = proptest::option::of("[^\r\n\0]{1,8}");
    let key = proptest::option::of("\\PC{1,8}");
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (event_type, id, key, proptest::option::of(0..u64::from(u32::MAX)), "(?s).{0,40}", flags).prop_map(
        |(event_type, id, key, retry, data, (explicit, tombstone, terminal))| {
            let mut event = Event::new(data).with_event_type(EventType::new(event_type).unwrap());
            if explicit {
                event = event.explicit();
            }
            if let Some(id) = id {
                event = event.with_id(EventId::new(id).unwrap());
            }
            if let Some(retry) = retry {
                event = event.with_retry(Duration::from_millis(retry));
            }
            Full { tombstone: tombstone && key.is_some(), terminal, event, key }
        },
    )
}

proptest! {
    #[test]
    fn an_event_comes_back_as_the_bytes_that_it_was(event in full(), topic in "\\PC{0,8}") {
        let frame = event.to_frame().unwrap();
        let record = Record::from_frame(topic.clone(), &frame).unwrap();
        let back = Record::from_fields(record.fields()).unwrap();
        prop_assert_eq!(&back, &record);
        prop_assert_eq!(back.topic(), &topic);
        let again = back.to_frame().unwrap();
        prop_assert_eq!(&again, &frame);
        prop_assert_eq!(again.key(), frame.key());
        prop_assert_eq!(again.is_tombstone(), frame.is_tombstone());
        prop_assert_eq!(again.is_terminal(), frame.is_terminal());
    }
}

#[test]
fn what_another_program_writes_is_read() {
    let record =
        Record::from_fields([("event", "price_changed"), ("data", "{}"), ("trace", "7"), ("flags", "new")]);
    let record = record.unwrap();
    assert_eq!(record.to_frame().unwrap().as_ref(), b"event: price_changed\ndata: {}\n\n");
    assert_eq!(record.topic(), "");
    assert!(record.fields().any(|(name, value)| name == "trace" && value == "7"), "kept: {record:?}");
}

#[test]
fn the_ends_of_a_topic_are_records() {
    for (record, kind) in [(Record::finish("a"), RecordKind::Finish), (Record::close("a"), RecordKind::Close)]
    {
        let back = Record::from_fields(record.fields()).unwrap();
        assert_eq!((back.kind(), back.topic()), (kind, "a"));
        assert!(back.to_frame().is_err(), "no event");
    }
}

#[test]
fn what_is_no_record_says_which_field_and_why() {
    for (fields, words) in [
        (&[("event", "x")][..], "the field `data` of a record is missing"),
        (&[("data", ""), ("event", "a\nb")], "the field `event` of a record has a line break"),
        (&[("data", ""), ("id", "a\0")], "the field `id` of a record has a line break or U+0000"),
        (&[("data", ""), ("retry", "3s")], "the field `retry` of a record is no number of milliseconds"),
        (&[("data", ""), ("flags", "tombstone")], "the field `key` of a record is missing"),
        (&[("data", ""), ("v", "2")], "the field `v` of a record is of a newer version"),
    ] {
        let error = Record::from_fields(fields.iter().copied()).unwrap_err();
        assert!(error.to_string().starts_with(words), "{error}");
    }
}

#[test]
fn an_epoch_is_eight_letters_or_digits() {
    let epoch = Epoch::random();
    assert_eq!(Epoch::parse(&epoch.to_string()), Some(epoch));
    for wrong in ["", "abcdefg", "abcdefghi", "Abcdefgh", "abcdefg-", "abcdefé"] {
        assert_eq!(Epoch::parse(wrong), None, "{wrong:?}");
    }
}
