//! Why an event could not be encoded.

use std::error::Error;
use std::fmt;

/// Why a value cannot be sent: which field refused it, and for what.
///
/// Nothing of the event has been written when this is returned.
///
/// ```
/// use typed_sse_core::{EncodeErrorKind, EventType};
///
/// let error = EventType::new("price\nchanged").unwrap_err();
/// assert_eq!(error.field(), "event");
/// assert_eq!(error.kind(), EncodeErrorKind::LineBreak);
/// assert!(error.to_string().starts_with("field `event` contains a line break"));
/// ```
#[derive(Debug)]
pub struct EncodeError {
    /// The field, or the variant that is never sent.
    place: &'static str,
    kind: EncodeErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What is wrong with the value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// CR or LF in a field that is one line: it would end the field, and inject the next.
    LineBreak,
    /// U+0000 NULL in an event ID: a client ignores such an ID.
    Null,
    /// An empty event type (a client would dispatch `message`) or event ID (it would forget the last one).
    Empty,
    /// More bytes than can be sent, or than can come back in a `Last-Event-ID` header.
    TooLong,
    /// An event ID that a client cannot send back in a `Last-Event-ID` header as it is: with control characters, or with
    /// white space at its beginning or end. Only a channel refuses it.
    NotReturnable,
    /// A frame that is no event, and so has no data that another event could take over: a bare event ID, or a bare
    /// reconnection time. See [`Frame::is_event`](crate::Frame::is_event).
    NoEvent,
    /// A tombstone without a key, which there is to take out.
    NoKey,
    /// A [terminal](crate::Encoder::terminal) event that is live only: who misses it would never learn of the end.
    EphemeralTerminal,
    /// A variant that is never sent: `#[sse(skip)]`.
    Skipped,
    /// The value's own `Serialize` or `Display` failed; see [`source`](Error::source).
    Value,
}

impl EncodeError {
    /// The error of a variant that is never sent, named as `Type::Variant`: what the derive makes of `#[sse(skip)]`.
    ///
    /// ```
    /// use typed_sse_core::{EncodeError, EncodeErrorKind, Encoded, Encoder, SseEvent};
    ///
    /// enum Job { Done, Internal }
    ///
    /// impl SseEvent for Job {
    ///     fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
    ///         match self {
    ///             Self::Done => encoder.text("done"),
    ///             Self::Internal => Err(EncodeError::skipped("Job::Internal")),
    ///         }
    ///     }
    /// }
    ///
    /// let error = Job::Internal.to_frame().unwrap_err();
    /// assert_eq!(error.kind(), EncodeErrorKind::Skipped);
    /// assert!(error.to_string().starts_with("`Job::Internal` is never sent"));
    /// assert!(Job::Done.to_frame().is_ok());
    /// ```
    #[must_use]
    pub const fn skipped(variant: &'static str) -> Self {
        Self { place: variant, kind: EncodeErrorKind::Skipped, source: None }
    }

    pub(crate) const fn new(field: &'static str, kind: EncodeErrorKind) -> Self {
        Self { place: field, kind, source: None }
    }

    pub(crate) fn value(field: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { place: field, kind: EncodeErrorKind::Value, source: Some(source.into()) }
    }

    /// The field at fault: `event`, `id`, `retry`, `data`, `key` or `comment`. Of a variant that is never sent: `event`, since it
    /// has no event type.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self.kind {
            EncodeErrorKind::Skipped => "event",
            _ => self.place,
        }
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn kind(&self) -> EncodeErrorKind {
        self.kind
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.kind {
            EncodeErrorKind::LineBreak => {
                "contains a line break, which would end the field: remove or escape it"
            }
            EncodeErrorKind::Null => "contains U+0000, and a client ignores such an ID: remove or escape it",
            EncodeErrorKind::Empty => "is empty, which means another thing to a client: leave the field out",
            EncodeErrorKind::TooLong => "is too long to be sent: shorten it",
            EncodeErrorKind::NotReturnable => {
                "has control characters or white space around it, and cannot come back in a header: remove them"
            }
            EncodeErrorKind::NoEvent => {
                "is missing: the frame is a bare ID or reconnection time; send it as it is, or ask `Frame::is_event` first"
            }
            EncodeErrorKind::EphemeralTerminal => {
                "is missing: an event that ends the stream has to be replayed, so it cannot be `ephemeral`"
            }
            EncodeErrorKind::NoKey => {
                "is missing: a tombstone needs a key, since it takes out the events of that key"
            }
            EncodeErrorKind::Skipped => {
                let reason =
                    "is never sent: take `skip` off the variant, or do not hand it to a stream or a channel";
                return write!(f, "`{}` {reason}", self.place);
            }
            EncodeErrorKind::Value => "has a value that cannot be written",
        };
        write!(f, "field `{}` {reason}", self.place)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl Error for EncodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
