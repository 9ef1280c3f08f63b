//! An event as a store keeps it.

use std::borrow::Cow;
use std::time::Duration;

use super::error::RecordError;
use super::fields::{Fields, Lent};
use crate::decode::Decoder;
use crate::encode::{Encoded, Encoder, Frame, Whole};
use crate::event::SseEvent;
use crate::field::{EncodeError, EncodeErrorKind, EventId, EventType};

/// An event's fields, or word that a topic ends, as a [`Store`](super::Store) keeps it.
///
/// A record of an event is an [`SseEvent`]: it encodes to the bytes that the event had.
///
/// ```
/// use typed_sse_core::store::Record;
/// use typed_sse_core::{Event, EventType, SseEvent};
///
/// let frame = Event::new("{}").with_event_type(EventType::from_static("halted")).to_frame()?;
/// let record = Record::from_frame("market", &frame)?;
/// let fields: Vec<_> = record.fields().collect();
/// assert_eq!(fields, [("event", "halted".into()), ("data", "{}".into()), ("topic", "market".into())]);
///
/// let back = Record::from_fields(record.fields())?;
/// assert_eq!(back.to_frame()?, frame);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    kind: RecordKind,
    topic: String,
    /// `None` writes no field `event`, which is `message`.
    event_type: Option<EventType>,
    id: Option<EventId>,
    retry: Option<Duration>,
    key: Option<String>,
    tombstone: bool,
    terminal: bool,
    data: String,
    /// What this version does not know.
    others: Vec<(String, String)>,
}

/// What a [`Record`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// An event.
    #[default]
    Event,
    /// Nothing more will come in its topic.
    Finish,
    /// Its topic is closed: what was in it is gone, and its clients are to stop. What follows is a new life of the topic.
    Close,
}

impl Record {
    /// The fields of an event, in this topic. An ID that stands in the frame is taken for the event's own.
    ///
    /// # Errors
    ///
    /// [`EncodeErrorKind::NoEvent`] for a frame that is [no event](Frame::is_event). An [ephemeral](Frame::is_ephemeral) one is not
    /// refused here, but no channel stores it.
    pub fn from_frame(topic: impl Into<String>, frame: &Frame) -> Result<Self, EncodeError> {
        let no_event = || EncodeError::new("data", EncodeErrorKind::NoEvent);
        if !frame.is_event() {
            return Err(no_event());
        }
        let (data, retry) = match frame.sole_line() {
            Some(data) => (data.to_owned(), None),
            None => {
                let mut decoder = Decoder::with_limit(usize::MAX);
                let mut wire = frame.as_ref();
                let event = decoder.next_event(&mut wire).ok().flatten().ok_or_else(no_event)?;
                (event.data.to_owned(), decoder.reconnection_time())
            }
        };
        Ok(Self {
            kind: RecordKind::Event,
            topic: topic.into(),
            event_type: frame.written_event_type(),
            id: frame.id().map(EventId::new).transpose()?,
            retry,
            key: frame.key().map(str::to_owned),
            tombstone: frame.is_tombstone(),
            terminal: frame.is_terminal(),
            data,
            others: Vec::new(),
        })
    }

    /// Word that nothing more will come in this topic.
    #[must_use]
    pub fn finish(topic: impl Into<String>) -> Self {
        Self { kind: RecordKind::Finish, topic: topic.into(), ..Self::default() }
    }

    /// Word that this topic is closed.
    #[must_use]
    pub fn close(topic: impl Into<String>) -> Self {
        Self { kind: RecordKind::Close, topic: topic.into(), ..Self::default() }
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> RecordKind {
        self.kind
    }

    /// The topic; `""` for a channel that is none of several.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The event type under which a client dispatches the event.
    #[must_use]
    pub fn event_type(&self) -> &str {
        self.event_type.as_ref().map_or("message", EventType::as_str)
    }

    /// The event's own ID.
    #[must_use]
    pub const fn id(&self) -> Option<&EventId> {
        self.id.as_ref()
    }

    /// The compaction key.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Whether the event takes its key out of "newest of each key".
    #[must_use]
    pub const fn is_tombstone(&self) -> bool {
        self.tombstone
    }

    /// Whether the event ends the stream: a [`Finish`](RecordKind::Finish) stands behind it.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// The data, its lines joined with LF. Empty where it is no event.
    #[must_use]
    pub fn data(&self) -> &str {
        &self.data
    }

    /// Its fields, as [the module](super) describes them.
    pub fn fields(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let event = self.event_type.as_ref().map(|event_type| ("event", event_type.as_str().into()));
        let data = (self.kind == RecordKind::Event).then(|| ("data", self.data.as_str().into()));
        let id = self.id.as_ref().map(|id| ("id", id.as_str().into()));
        let retry = self.retry.map(|retry| ("retry", retry.as_millis().to_string().into()));
        let key = self.key.as_ref().map(|key| ("key", key.as_str().into()));
        let topic = Some(("topic", self.topic.as_str().into())).filter(|_| !self.topic.is_empty());
        let flags = self.flags().map(|flags| ("flags", flags.into()));
        let others = self.others.iter().map(|(name, value)| (name.as_str(), value.as_str().into()));
        [event, data, id, retry, key, topic, flags].into_iter().flatten().chain(others)
    }

    const fn flags(&self) -> Option<&'static str> {
        match self.kind {
            RecordKind::Finish => Some("finish"),
            RecordKind::Close => Some("close"),
            RecordKind::Event => match (self.tombstone, self.terminal) {
                (true, true) => Some("tombstone terminal"),
                (true, false) => Some("tombstone"),
                (false, true) => Some("terminal"),
                (false, false) => None,
            },
        }
    }

    /// Reads fields that [`fields`](Self::fields) wrote, or another program. The first of two with one name counts.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if the version is another, if `data` is missing, if `event` or `id` is illegal on the wire, if `retry` is no
    /// number, or if a tombstone has no key.
    pub fn from_fields<N, V>(fields: impl IntoIterator<Item = (N, V)>) -> Result<Self, RecordError>
    where
        N: AsRef<str> + Into<String>,
        V: AsRef<str> + Into<String>,
    {
        let mut known = Fields::new();
        let mut others = Vec::new();
        for (name, value) in fields {
            if let Some(value) = known.take(name.as_ref(), value) {
                others.push((name.into(), value.into()));
            }
        }
        let Lent { kind, event: Whole { retry, tombstone, terminal, .. } } = known.read()?;
        let record = Self { kind, tombstone, terminal, others, ..Self::default() };
        let record = Self { topic: known.topic.map(Into::into).unwrap_or_default(), ..record };
        if kind != RecordKind::Event {
            return Ok(record);
        }
        let illegal = |error: EncodeError| RecordError::new(error.field(), "is illegal");
        Ok(Self {
            event_type: text(known.event).map(EventType::new).transpose().map_err(illegal)?,
            id: text(known.id).map(EventId::new).transpose().map_err(illegal)?,
            retry,
            key: text(known.key),
            data: known.data.map(Into::into).unwrap_or_default(),
            ..record
        })
    }

    /// What it says.
    pub(crate) fn lend(&self) -> Lent<'_> {
        let event = Whole {
            event_type: self.event_type.as_ref().map(EventType::as_str),
            id: self.id.as_ref().map(EventId::as_str),
            retry: self.retry,
            key: self.key.as_deref(),
            tombstone: self.tombstone,
            terminal: self.terminal,
            data: &self.data,
        };
        Lent { kind: self.kind, event }
    }
}

/// An empty field is none.
fn text(field: Option<impl Into<String>>) -> Option<String> {
    field.map(Into::into).filter(|text| !text.is_empty())
}

#[diagnostic::do_not_recommend]
impl SseEvent for Record {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        self.lend().encode(encoder)
    }
}
