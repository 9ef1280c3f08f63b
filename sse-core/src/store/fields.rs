//! The fields of a record, lent by whoever has read them.

use std::time::Duration;

use super::error::RecordError;
use super::record::RecordKind;
use crate::encode::{Encoded, Encoder, Whole};
use crate::event::SseEvent;
use crate::field::{EncodeError, EncodeErrorKind, EventType, event_id};

/// The version of the fields that this crate writes.
const VERSION: &str = "1";

/// The fields that this version knows, as they were read.
pub(super) struct Fields<V> {
    pub(super) event: Option<V>,
    pub(super) data: Option<V>,
    pub(super) id: Option<V>,
    retry: Option<V>,
    pub(super) key: Option<V>,
    pub(super) topic: Option<V>,
    flags: Option<V>,
    version: Option<V>,
}

/// What a record says.
#[derive(Clone, Copy)]
pub(crate) struct Lent<'a> {
    pub(crate) kind: RecordKind,
    /// With nothing in it, if that is none.
    pub(crate) event: Whole<'a>,
}

impl<V: AsRef<str>> Fields<V> {
    pub(super) const fn new() -> Self {
        Self {
            event: None,
            data: None,
            id: None,
            retry: None,
            key: None,
            topic: None,
            flags: None,
            version: None,
        }
    }

    /// Takes a field; of two with one name the first. Gives back what this version does not know.
    #[inline]
    pub(super) fn take(&mut self, name: &str, value: V) -> Option<V> {
        let field = match name {
            "event" => &mut self.event,
            "data" => &mut self.data,
            "id" => &mut self.id,
            "retry" => &mut self.retry,
            "key" => &mut self.key,
            "topic" => &mut self.topic,
            "flags" => &mut self.flags,
            "v" => &mut self.version,
            _ => return Some(value),
        };
        field.get_or_insert(value);
        None
    }

    /// What they say, if it can be said on the wire.
    #[inline]
    pub(super) fn read(&self) -> Result<Lent<'_>, RecordError> {
        if self.version.as_ref().is_some_and(|version| version.as_ref() != VERSION) {
            return Err(RecordError::new("v", "is of a newer version: update `typed-sse`"));
        }
        let (mut kind, mut tombstone, mut terminal) = (RecordKind::Event, false, false);
        for flag in text(&self.flags).unwrap_or_default().split_ascii_whitespace() {
            match flag {
                "tombstone" => tombstone = true,
                "terminal" => terminal = true,
                "finish" => kind = RecordKind::Finish,
                "close" => kind = RecordKind::Close,
                _ => {}
            }
        }
        if kind != RecordKind::Event {
            return Ok(Lent { kind, event: Whole { tombstone, terminal, ..Whole::default() } });
        }
        let missing = || RecordError::new("data", "is missing: an event has data, if only an empty one");
        let data = self.data.as_ref().ok_or_else(missing)?.as_ref();
        let [event_type, id, key] = [&self.event, &self.id, &self.key].map(text);
        if event_type.is_some_and(|name| !EventType::is_legal(name)) {
            return Err(RecordError::new("event", "has a line break"));
        }
        if id.is_some_and(|id| event_id::check(id.as_bytes()).is_err()) {
            return Err(RecordError::new("id", "has a line break or U+0000"));
        }
        let retry =
            self.retry.as_ref().map(|retry| retry.as_ref().parse().map(Duration::from_millis)).transpose();
        let retry = retry.map_err(|_| RecordError::new("retry", "is no number of milliseconds"))?;
        if tombstone && key.is_none() {
            return Err(RecordError::new("key", "is missing: a tombstone takes out the key that it names"));
        }
        Ok(Lent { kind, event: Whole { event_type, id, retry, key, tombstone, terminal, data } })
    }
}

/// An empty field is none.
fn text(field: &Option<impl AsRef<str>>) -> Option<&str> {
    field.as_ref().map(AsRef::as_ref).filter(|text| !text.is_empty())
}

#[diagnostic::do_not_recommend]
impl SseEvent for Lent<'_> {
    fn encode<'a>(&self, mut encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        if self.kind != RecordKind::Event {
            return Err(EncodeError::new("data", EncodeErrorKind::NoEvent));
        }
        let Whole { key, event_type, id, retry, tombstone, terminal, data } = self.event;
        if let Some(key) = key {
            encoder = encoder.key(key)?;
        }
        if tombstone {
            encoder = encoder.tombstone()?;
        }
        if terminal {
            encoder = encoder.terminal()?;
        }
        if let Some(event_type) = event_type {
            encoder = encoder.legal_event_type(event_type);
        }
        if let Some(id) = id {
            encoder = encoder.id(id)?;
        }
        if let Some(retry) = retry {
            encoder = encoder.retry(retry)?;
        }
        encoder.text(data)
    }
}
