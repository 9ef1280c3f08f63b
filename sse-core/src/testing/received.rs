//! What a client dispatched.

use std::fmt;
use std::time::Duration;

use crate::decode::{Decoder, EventRef, FromEventError, FromSseEvent};
use crate::event::Event;
use crate::field::{EventId, LastEventId};

/// One event that a [`Client`](super::Client) dispatched. Comments and keep-alives are none.
#[derive(Clone, Debug)]
pub struct Received {
    pub(super) event: Event,
    /// The ID came with the event.
    pub(super) has_id: bool,
    /// The reconnection time that came with the event.
    pub(super) retry: Option<Duration>,
    pub(super) connection: usize,
    /// Whether the last event ID is another than behind the event before it.
    pub(super) has_new_id: bool,
    /// How much was in the ledger when it came.
    pub(super) at: usize,
}

/// A place that a client was told by a block that has only an ID.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) id: LastEventId,
    pub(super) connection: usize,
    /// How much was in the ledger when it came.
    pub(super) at: usize,
}

impl Received {
    /// The event, as a decoder dispatches it.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// The event type; `message` where the stream gave none.
    #[must_use]
    pub fn event_type(&self) -> &str {
        self.event.event_type()
    }

    /// The data, its lines joined with LF.
    #[must_use]
    pub fn data(&self) -> &str {
        self.event.data()
    }

    /// The last event ID at dispatch: that of the event, or of an earlier one if it has none.
    #[must_use]
    pub fn id(&self) -> Option<&EventId> {
        self.event.id()
    }

    /// The number of the connection on which it came, counted from 1.
    #[must_use]
    pub const fn connection(&self) -> usize {
        self.connection
    }

    /// The event as a value of your own type, so that a test compares values: what a `#[derive(FromSseEvent)]` reads.
    ///
    /// # Errors
    ///
    /// As [`FromSseEvent::from_event`]; the error says which event it was.
    pub fn typed<E: FromSseEvent>(&self) -> Result<E, FromEventError> {
        E::from_event(&EventRef { has_id: self.has_id, retry: self.retry, ..EventRef::from(&self.event) })
    }

    /// The data, read as JSON.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or not that of a `T`; the error says which event it was.
    #[cfg(feature = "json")]
    #[cfg_attr(docsrs, doc(cfg(feature = "json")))]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, crate::response::BoxError> {
        serde_json::from_str(self.data()).map_err(|error| {
            format!("the data of {self} is no `{}`: {error}", std::any::type_name::<T>()).into()
        })
    }
}

impl Received {
    /// How much was in the ledger when it came, at the most.
    pub(super) fn at_or_end(&self, late: bool) -> usize {
        if late { usize::MAX } else { self.at }
    }
}

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.event_type(), self.id().map(EventId::as_str), self.data())
    }
}

/// An event in the words of all messages: its type, its ID, and the beginning of its data.
pub(super) fn show(
    f: &mut fmt::Formatter<'_>,
    event_type: &str,
    id: Option<&str>,
    data: &str,
) -> fmt::Result {
    const MOST: usize = 120;
    write!(f, "`{event_type}`")?;
    if let Some(id) = id {
        write!(f, " `{id}`")?;
    }
    match data.char_indices().nth(MOST) {
        None => write!(f, " {data:?}"),
        Some((end, _)) => write!(f, " {:?} and {} bytes more", &data[..end], data.len() - end),
    }
}

/// What a client dispatches for a frame.
pub(super) fn dispatched(mut wire: &[u8]) -> Event {
    // A frame is one event, and not longer than its encoder allows.
    match Decoder::with_limit(usize::MAX).next_event(&mut wire) {
        Ok(Some(event)) => event.to_event(),
        _ => Event::default(),
    }
}
