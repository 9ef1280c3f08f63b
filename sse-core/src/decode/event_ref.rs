//! A dispatched event that is not owned.

use std::time::Duration;

use crate::event::Event;
use crate::field::{EventId, EventType};

/// One dispatched event, lent by a [`Decoder`](crate::Decoder) until its next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct EventRef<'a> {
    /// The event type; `message` where the stream gave none.
    pub event_type: &'a str,
    /// The data buffer: the `data` lines joined with LF.
    pub data: &'a str,
    /// The last event ID string at dispatch; empty for none.
    pub id: &'a str,
    /// Whether the event has a field `id` of its own. Without one, [`id`](Self::id) is that of an earlier event.
    pub has_id: bool,
    /// The reconnection time that came with the event. `None` if it has no field `retry`.
    pub retry: Option<Duration>,
}

impl<'a> EventRef<'a> {
    /// The event ID that came with the event. `None` if it has none, whatever the last event ID is.
    ///
    /// ```
    /// use typed_sse_core::Decoder;
    ///
    /// let mut decoder = Decoder::new();
    /// let mut input = &b"id: 7\ndata: a\n\ndata: b\n\n"[..];
    /// let event = decoder.next_event(&mut input)?.expect("one event");
    /// assert_eq!((event.id, event.own_id()), ("7", Some("7")));
    /// let event = decoder.next_event(&mut input)?.expect("another");
    /// assert_eq!((event.id, event.own_id()), ("7", None));
    /// # Ok::<(), typed_sse_core::DecodeError>(())
    /// ```
    #[must_use]
    pub fn own_id(&self) -> Option<&'a str> {
        Some(self.id).filter(|id| self.has_id && !id.is_empty())
    }

    /// The same event without an ID of its own.
    pub(crate) fn without_own_id(self) -> Self {
        Self { has_id: false, ..self }
    }

    /// An event of its own, which outlives the decoder's next call.
    #[must_use]
    pub fn to_event(&self) -> Event {
        let mut event = Event::new(self.data);
        // Both are legal wherever they come from one line of a stream; only an empty ID is none.
        if let Ok(event_type) = EventType::new(self.event_type.to_owned()) {
            event = event.with_event_type(event_type);
        }
        if let Ok(id) = EventId::new(self.id) {
            event = event.with_id(id);
        }
        event
    }
}

impl From<EventRef<'_>> for Event {
    fn from(event: EventRef<'_>) -> Self {
        event.to_event()
    }
}

impl<'a> From<&'a Event> for EventRef<'a> {
    /// As if it had been dispatched: its ID and its reconnection time came with it.
    fn from(event: &'a Event) -> Self {
        let id = event.id().map(EventId::as_str);
        Self {
            event_type: event.event_type(),
            data: event.data(),
            id: id.unwrap_or_default(),
            has_id: id.is_some(),
            retry: event.retry(),
        }
    }
}
