//! A promise that was not kept.

use std::error::Error;
use std::fmt;

/// What a client received that it should not have, or the other way round. Says which event, on which connection,
/// and what was expected, also as `Debug`, so that an `unwrap` prints it.
#[derive(Clone)]
pub struct Violation {
    pub(super) kind: ViolationKind,
    pub(super) connection: usize,
    /// Where the connection began, in words.
    pub(super) began: String,
    pub(super) text: String,
}

/// What kind of a [`Violation`] it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ViolationKind {
    /// An event never came.
    Missing,
    /// An event came again, or after the client was told that it would not come.
    Twice,
    /// An event came before one that was published before it.
    OutOfOrder,
    /// An event came that nobody published.
    Invented,
    /// An event came with the ID of another.
    Altered,
    /// An event came that the client did not ask for.
    Unwanted,
    /// An event that is not the newest of its key came among the newest.
    Stale,
    /// An ephemeral event came that was published before the subscription was made, or twice.
    Replayed,
    /// A client that cannot resume was not told so.
    NoReset,
    /// A reset came that nothing called for.
    NeedlessReset,
    /// A reset does not tell the truth.
    UntrueReset,
    /// A last event ID does not stand for what the client has: coming back with it, the client would get events a second
    /// time, or none of those that it lacks.
    Misplaced,
    /// The client has no connection, so it cannot have read all there is.
    NotConnected,
}

impl Violation {
    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> ViolationKind {
        self.kind
    }

    /// The number of the connection on which it was found, counted from 1; 0 if there was none yet.
    #[must_use]
    pub const fn connection(&self) -> usize {
        self.connection
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connection, began, text, .. } = self;
        write!(f, "connection {connection} ({began}): {text}")
    }
}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Violation {}
