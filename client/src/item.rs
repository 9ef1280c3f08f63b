//! What a stream brings, events and what is beside them.

use std::time::Duration;

use typed_sse_core::LastEventId;

use crate::error::Error;
use crate::reset::Reset;

/// What [`Client::items`](crate::Client::items) yields: an event, or what happened to the connection.
#[derive(Debug)]
#[non_exhaustive]
pub enum Item<E> {
    /// An event.
    Event {
        /// The event, as its type.
        event: E,
        /// The last event ID at this event: save it, and [give it](crate::Client::last_event_id) to the client that
        /// runs after a restart of your program. Empty where the server sends none.
        id: LastEventId,
    },
    /// A channel could not resume where this client was. What was received so far may be out of date.
    ///
    /// Nothing is read until the next poll: load your state first, then go on.
    Reset(Reset),
    /// What the connection does now.
    State(State),
}

/// What a client's connection does now.
#[derive(Debug)]
#[non_exhaustive]
pub enum State {
    /// A request is sent; redirects are part of it.
    Connecting,
    /// The server has answered with an event stream.
    Open,
    /// There is no connection, and there will be one.
    Reconnecting {
        /// Why there is none.
        reason: Error,
        /// How long the client waits before it connects.
        delay: Duration,
    },
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// With an event that ends it ([`FromSseEvent::is_terminal`](typed_sse_core::FromSseEvent::is_terminal)).
    Terminal,
    /// The server has nothing more to send (`204 No Content`).
    NoContent,
    /// The body ended, without a terminal event, and is not read again.
    Body,
    /// With an error, which was the last item.
    Failed,
}
