//! What can go wrong with a channel.

use std::error::Error;
use std::fmt;

use crate::field::{EncodeError, EventId};
use crate::response::BoxError;
use crate::store::{StoreError, StoreErrorKind};

/// Why an event was not published.
#[derive(Debug)]
#[non_exhaustive]
pub enum PublishError {
    /// A field of the event is illegal on the wire.
    Encode(EncodeError),
    /// The encoded event is longer than the channel's bound.
    TooLong {
        /// Its length in bytes, key included.
        len: usize,
        /// The bound, see [`Builder::event_bytes`](super::Builder::event_bytes) and
        /// [`Builder::bytes`](super::Builder::bytes).
        limit: usize,
    },
    /// The event's own ID has the form of this channel's cursors, and would be taken for one: a frame that the channel
    /// has sent is not published again.
    CursorId {
        /// The ID.
        id: EventId,
    },
    /// The event's own ID is that of an event in the log: a client that resumes from it could mean either.
    DuplicateId {
        /// The ID.
        id: EventId,
    },
    /// The store that keeps the log has not taken the event, or may not have: see
    /// [`StoreError::may_have_been_stored`].
    Store(StoreError),
    /// The event is [ephemeral](crate::Encoder::ephemeral): no store keeps it, and a [`Publisher`](super::Publisher) has no clients.
    Ephemeral,
    /// The channel is [finished](crate::Channel::finish), or its topic was [closed](crate::Topics::close): get the channel of
    /// that name anew. Or an event of the same batch, before this one, is [terminal](crate::Encoder::terminal).
    Finished,
}

/// Why a subscription broke off.
#[derive(Debug)]
#[non_exhaustive]
pub enum SubscriptionError {
    /// The application could not produce the snapshot with which the client begins, or an event of it is illegal on
    /// the wire. The client comes back.
    Snapshot(BoxError),
    /// The application stood its snapshot at a cursor that is not the channel's, or behind which events are no longer
    /// retained, time and again. The client comes back.
    SnapshotCursor(EventId),
    /// The subscriber fell behind the oldest event that the channel retains. Its client comes back, resumes from its
    /// last event ID, and is told what it missed.
    Lagged,
}

impl PublishError {
    pub(super) fn of_store(error: StoreError) -> Self {
        match error.kind() {
            StoreErrorKind::Finished => Self::Finished,
            _ => Self::Store(error),
        }
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encode(error) => error.fmt(f),
            Self::Store(error) => write!(f, "the event was not published: {error}"),
            Self::TooLong { len, limit } => {
                write!(
                    f,
                    "the event has {len} bytes, the channel takes {limit}: send less, or raise `Builder::event_bytes` and `Builder::bytes`"
                )
            }
            Self::CursorId { id } => {
                write!(f, "event ID `{id}` is a cursor of this channel: publish the event without it")
            }
            Self::Finished => f.write_str(
                "the channel is finished, or its topic was closed: publish before, or to the topic's new channel",
            ),
            Self::Ephemeral => f.write_str(
                "the event is ephemeral, so nobody would get it: publish it on a `Channel`, whose clients get it",
            ),
            Self::DuplicateId { id } => {
                write!(f, "event ID `{id}` is already in the log: an ID must name one event")
            }
        }
    }
}

impl Error for PublishError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Encode(error) => error.source(),
            Self::Store(error) => Some(error),
            Self::TooLong { .. }
            | Self::CursorId { .. }
            | Self::DuplicateId { .. }
            | Self::Ephemeral
            | Self::Finished => None,
        }
    }
}

impl fmt::Display for SubscriptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot(error) => write!(f, "the snapshot could not be sent: {error}"),
            Self::SnapshotCursor(id) => write!(
                f,
                "the snapshot stands at `{id}`, from which the channel cannot go on: return `cursor()` as it was before the state was read, or the ID of a newer event, or retain more"
            ),
            Self::Lagged => f.write_str(
                "the subscriber fell behind the oldest retained event: it reads too slowly, or retention is short",
            ),
        }
    }
}

impl Error for SubscriptionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Snapshot(error) => Some(&**error),
            Self::SnapshotCursor(_) | Self::Lagged => None,
        }
    }
}
