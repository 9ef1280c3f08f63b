//! A dispatched event that is not owned.

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
}

impl EventRef<'_> {
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
