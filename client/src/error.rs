//! What may go wrong, and whether it ends a stream.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use typed_sse_core::{DecodeError, FromEventError};

use crate::reset::Reset;

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// What went wrong, with one event or with the stream.
///
/// An error of one event does not end the stream: the next item is the next event. Ask
/// [`is_final`](Self::is_final) whether anything comes behind an error.
///
/// No URL and no header is part of an error, nor of its `Debug` form, since both may carry secrets.
///
/// ```
/// use typed_sse_client::{Error, ErrorKind};
///
/// fn report(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::Event => "an event that this version does not know",
///         ErrorKind::Status(401 | 403) => "log in again",
///         _ if error.is_final() => "the stream is over",
///         _ => "the stream goes on",
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    is_final: bool,
    retry_after: Option<Duration>,
    body: Said,
    source: Option<BoxError>,
}

/// What a server said, of which a log shows no more than the length: nobody knows what is in it.
struct Said(String);

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An event is none of the type's: [`source`](std::error::Error::source) says why. Never final.
    Event,
    /// An event is longer than the limit, in bytes, and was skipped. Never final. Raise the limit if the event is legitimate.
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The server has lost events that this client should have had, and the type has no event for saying so. Never final.
    /// Load your state again, or use [`Client::items`](crate::Client::items), where a reset is a value.
    Reset(Reset),
    /// The request cannot be sent as it is: its URL or a header is malformed. Always final.
    Request,
    /// The headers for an attempt could not be had.
    Headers,
    /// No connection, or a broken one.
    Transport,
    /// The head of the response did not come in time.
    ConnectTimeout,
    /// Nothing came for as long as the idle limit.
    Idle,
    /// The server ended the body. Of a stream that is read only once: without the terminal event that it was to have.
    Ended,
    /// The server answered with this status.
    Status(u16),
    /// The server answered with something other than an event stream.
    ContentType,
    /// The body is compressed in a way that the transport did not undo.
    ContentEncoding,
    /// The server redirected to what is no URL of HTTP.
    Redirect,
    /// The server redirected more than 20 times for one request.
    TooManyRedirects,
    /// The last event ID cannot be sent back: it is longer than 4096 bytes or has control characters. To come back without it would
    /// be a loss in silence, so the stream ends instead. Always final.
    LastEventId,
}

impl Error {
    /// An error that a stream goes on after.
    pub(crate) const fn new(kind: ErrorKind) -> Self {
        Self { kind, is_final: false, retry_after: None, body: Said(String::new()), source: None }
    }

    pub(crate) fn with_source(kind: ErrorKind, source: impl Into<BoxError>) -> Self {
        Self { source: Some(source.into()), ..Self::new(kind) }
    }

    pub(crate) fn into_final(mut self) -> Self {
        self.is_final = true;
        self
    }

    #[cfg(feature = "tower")]
    pub(crate) fn after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after;
        self
    }

    #[cfg(feature = "tower")]
    pub(crate) fn saying(mut self, body: String) -> Self {
        self.body = Said(body);
        self
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether this ends the stream. If not, the next item comes.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.is_final
    }

    /// How long the server asks to wait, by `Retry-After`. A stream that reconnects does so by itself; one that is read
    /// only once leaves it to you.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What the server said with it: the beginning of the body, up to 4 KiB of what comes within a second. Of
    /// [`Status`](ErrorKind::Status) and [`ContentType`](ErrorKind::ContentType); `None` where it said nothing.
    ///
    /// It is the server's text, with U+FFFD for what is not UTF-8, and neither in the `Display` nor in the `Debug` form.
    ///
    /// ```
    /// use typed_sse_client::{Error, ErrorKind};
    ///
    /// fn explain(error: &Error) -> String {
    ///     match (error.kind(), error.body()) {
    ///         (ErrorKind::Status(status), Some(body)) => format!("{status}: {body}"),
    ///         _ => error.to_string(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        Some(self.body.0.as_str()).filter(|body| !body.is_empty())
    }
}

impl From<FromEventError> for Error {
    fn from(error: FromEventError) -> Self {
        Self::with_source(ErrorKind::Event, error)
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::TooLong { limit } => Self::new(ErrorKind::TooLong { limit }),
            other => Self::with_source(ErrorKind::Event, other),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ErrorKind::Event => f.write_str("an event could not be read"),
            ErrorKind::TooLong { limit } => {
                write!(f, "an event is longer than the limit of {limit} bytes and was skipped")
            }
            ErrorKind::Reset(reset) => reset.fmt(f),
            ErrorKind::Request => f.write_str("the request has a malformed URL or header"),
            ErrorKind::Headers => f.write_str("no headers for the request"),
            ErrorKind::Transport => f.write_str("the connection failed"),
            ErrorKind::ConnectTimeout => f.write_str("the server did not answer in time"),
            ErrorKind::Idle => f.write_str("the server was silent for too long"),
            ErrorKind::Ended => f.write_str("the server ended the stream"),
            ErrorKind::Status(status) => write!(f, "the server answered with status {status}"),
            ErrorKind::ContentType => f.write_str("the server answered with no event stream"),
            ErrorKind::ContentEncoding => f.write_str("the server answered with an unknown compression"),
            ErrorKind::Redirect => f.write_str("the server redirected to no usable URL"),
            ErrorKind::TooManyRedirects => f.write_str("the server redirected too many times"),
            ErrorKind::LastEventId => f.write_str("the last event ID cannot be sent in a header"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
