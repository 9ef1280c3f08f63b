//! One connection of a client.

use std::fmt;

use super::terms::Terms;
use crate::field::LastEventId;

/// One connection of a [`Client`](super::Client).
#[derive(Clone, Debug)]
pub struct Connection {
    pub(super) last_event_id: LastEventId,
    pub(super) end: Option<End>,
    pub(super) terms: Terms,
    /// The subscription was made when this much was in the ledger, or more.
    pub(super) since_min: usize,
    /// And this much, or less.
    pub(super) since_max: usize,
}

/// How a [`Connection`] ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// The server ended the stream properly.
    Closed,
    /// The stream failed with this error, in words.
    Failed(String),
    /// [`Client::cut_after`](super::Client::cut_after) broke it.
    Cut,
    /// [`Client::disconnect`](super::Client::disconnect) broke it, or another connection took its place.
    Disconnected,
}

impl Connection {
    /// The last event ID that the client had when it was opened.
    #[must_use]
    pub const fn last_event_id(&self) -> &LastEventId {
        &self.last_event_id
    }

    /// How it ended; `None` while it is open.
    #[must_use]
    pub const fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the server closed it"),
            Self::Failed(error) => write!(f, "it failed: {error}"),
            Self::Cut => f.write_str("the test cut it"),
            Self::Disconnected => f.write_str("the test disconnected it"),
        }
    }
}
