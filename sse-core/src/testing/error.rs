//! Why what was waited for did not come.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::connection::End;
use super::received::Received;

/// Why a [`Client`](super::Client) did not receive what a test waited for. Says what it received instead, also as `Debug`, so that
/// an `unwrap` prints it.
#[derive(Clone)]
pub struct ReceiveError {
    kind: ReceiveErrorKind,
    wanted: String,
    /// What was received meanwhile, in words.
    instead: Vec<String>,
}

/// What kind of a [`ReceiveError`] it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceiveErrorKind {
    /// The client's time limit passed.
    TimedOut(Duration),
    /// The connection ended.
    Ended(End),
    /// The client was never given a connection.
    NotConnected,
    /// Another event came than the one expected.
    Different,
    /// An expected event cannot be encoded, for this reason.
    Encode(String),
}

impl ReceiveError {
    pub(super) fn new(kind: ReceiveErrorKind, wanted: String, instead: &[Received]) -> Self {
        Self { kind, wanted, instead: instead.iter().map(ToString::to_string).collect() }
    }

    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> &ReceiveErrorKind {
        &self.kind
    }
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, wanted, instead } = self;
        match kind {
            ReceiveErrorKind::TimedOut(limit) => write!(f, "expected {wanted}, but not within {limit:?}")?,
            ReceiveErrorKind::Ended(end) => write!(f, "expected {wanted}, but the connection ended, {end}")?,
            ReceiveErrorKind::Different => write!(f, "expected {wanted}")?,
            ReceiveErrorKind::NotConnected => {
                return f.write_str("the client has no connection: give it one with `Client::open`");
            }
            ReceiveErrorKind::Encode(error) => return write!(f, "the expected event is none: {error}"),
        }
        match &instead[..] {
            [] => f.write_str("; received nothing"),
            instead => write!(f, "; received {}", instead.join(", ")),
        }
    }
}

impl fmt::Debug for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ReceiveError {}
