//! The fields of a record, lent by whoever has read them.

use std::time::Duration;

use super::error::RecordError;
use super::record::RecordKind;
use crate::encode::{Encoded, Encoder};
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
    /// `None` writes no field `event`, which is `message`.
    pub(super) event_type: Option<&'a str>,
    pub(super) id: Option<&'a str>,
    pub(super) retry: Option<Duration>,
    pub(super) key: Option<&'a str>,
    pub(super) tombstone: bool,
    pub(super) terminal: bool,
    pub(crate) data: &'a str,
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
        let word =
            Lent { kind, event_type: None, id: None, retry: None, key: None, tombstone, terminal, data: "" };
        if kind != RecordKind::Event {
            return Ok(word);
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
        Ok(Lent { event_type, id, retry, key, data, ..word })
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
        if let Some(key) = self.key {
            encoder = encoder.key(key)?;
        }
        if self.tombstone {
            encoder = encoder.tombstone()?;
        }
        if self.terminal {
            encoder = encoder.terminal()?;
        }
        if let Some(event_type) = self.event_type {
            encoder = encoder.legal_event_type(event_type);
        }
        if let Some(id) = self.id {
            encoder = encoder.id(id)?;
        }
        if let Some(retry) = self.retry {
            encoder = encoder.retry(retry)?;
        }
        encoder.text(self.data)
    }
}
