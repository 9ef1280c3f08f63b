//! The way back: from a dispatched event to the type that it was.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use super::{EventRef, FromEventError};
use crate::event::Event;

/// A value that can be read from one dispatched event: the way back of [`SseEvent`](crate::SseEvent).
///
/// Derive it, with the same attributes: `#[derive(FromSseEvent)]`. The variant is found by the event type, its
/// fields are read from the data.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from an SSE event",
    label = "not readable from an event",
    note = "derive it on your own type: `#[derive(FromSseEvent)]`",
    note = "or take the untyped `Event`"
)]
pub trait FromSseEvent: Sized {
    /// Reads the event.
    ///
    /// # Errors
    ///
    /// If the type has no such event, or its data, ID or reconnection time are not those of one.
    fn from_event(event: &EventRef<'_>) -> Result<Self, FromEventError>;

    /// Whether an event of this event type can be one of this type. Where it is not known without reading one, as for a type that
    /// is read by hand, `true`, and [`from_event`](Self::from_event) says so.
    #[must_use]
    fn knows(event_type: &str) -> bool {
        let _ = event_type;
        true
    }

    /// Whether this event ends the stream: a client that has it is done, and does not come back. Default: no event does.
    fn is_terminal(&self) -> bool {
        false
    }
}

#[diagnostic::do_not_recommend]
impl FromSseEvent for Event {
    /// The event as it was sent: an ID or a reconnection time that did not come with it is none of its own.
    fn from_event(event: &EventRef<'_>) -> Result<Self, FromEventError> {
        let sent = EventRef { id: event.own_id().unwrap_or_default(), ..*event }.to_event();
        Ok(match event.retry {
            Some(retry) => sent.with_retry(retry),
            None => sent,
        })
    }
}

macro_rules! wrap {
    ($($wrapper:ident),+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: FromSseEvent> FromSseEvent for $wrapper<T> {
            fn from_event(event: &EventRef<'_>) -> Result<Self, FromEventError> {
                T::from_event(event).map(Self::new)
            }

            fn knows(event_type: &str) -> bool {
                T::knows(event_type)
            }

            fn is_terminal(&self) -> bool {
                (**self).is_terminal()
            }
        }
    )+};
}

wrap!(Box, Rc, Arc);

#[diagnostic::do_not_recommend]
impl<T: FromSseEvent + Clone> FromSseEvent for Cow<'_, T> {
    fn from_event(event: &EventRef<'_>) -> Result<Self, FromEventError> {
        T::from_event(event).map(Cow::Owned)
    }

    fn knows(event_type: &str) -> bool {
        T::knows(event_type)
    }

    fn is_terminal(&self) -> bool {
        (**self).is_terminal()
    }
}
