//! An event without a type of its own.

use std::time::Duration;

use super::SseEvent;
use crate::encode::{Encoded, Encoder};
use crate::field::{EncodeError, EventId, EventType};

/// An untyped event: built by hand, or dispatched by a [`Decoder`](crate::Decoder).
///
/// ```
/// use std::time::Duration;
/// use typed_sse_core::{Event, EventId, EventType, SseEvent};
///
/// let event = Event::new("two\nlines")
///     .with_event_type(EventType::from_static("note"))
///     .with_id(EventId::new("7")?)
///     .with_retry(Duration::from_secs(3));
/// assert_eq!(
///     event.to_frame()?.as_ref(),
///     b"event: note\nid: 7\nretry: 3000\ndata: two\ndata: lines\n\n",
/// );
/// # Ok::<(), typed_sse_core::EncodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Event {
    event_type: EventType,
    explicit: bool,
    id: Option<EventId>,
    retry: Option<Duration>,
    data: String,
}

impl Event {
    /// An event of type `message` with this data, without an ID.
    #[must_use]
    pub fn new(data: impl Into<String>) -> Self {
        Self { data: data.into(), ..Self::default() }
    }

    /// Sets the event type. Default: `message`.
    #[must_use]
    pub fn with_event_type(mut self, event_type: EventType) -> Self {
        self.event_type = event_type;
        self
    }

    /// Writes the field `event: message` out. It is left out by default, since a client takes it for granted; some MCP
    /// clients drop an event without it. Any other event type is written as ever.
    ///
    /// ```
    /// use typed_sse_core::{Event, SseEvent};
    ///
    /// let frame = Event::new("{}").explicit().to_frame()?;
    /// assert_eq!(frame.as_ref(), b"event: message\ndata: {}\n\n");
    /// # Ok::<(), typed_sse_core::EncodeError>(())
    /// ```
    #[must_use]
    pub fn explicit(mut self) -> Self {
        self.explicit = true;
        self
    }

    /// Sets the event ID. Default: none.
    #[must_use]
    pub fn with_id(mut self, id: EventId) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the reconnection time, sent in whole milliseconds. Default: none.
    #[must_use]
    pub fn with_retry(mut self, reconnection_time: Duration) -> Self {
        self.retry = Some(reconnection_time);
        self
    }

    /// The event type.
    #[must_use]
    pub fn event_type(&self) -> &str {
        self.event_type.as_str()
    }

    /// The data. What a decoder dispatched has its lines joined with LF.
    #[must_use]
    pub fn data(&self) -> &str {
        &self.data
    }

    /// The event ID. Of a dispatched event: the last event ID at that moment, `None` where it is empty.
    #[must_use]
    pub fn id(&self) -> Option<&EventId> {
        self.id.as_ref()
    }

    /// The reconnection time that is sent with the event. `None` for a dispatched event: there it belongs to the
    /// connection, see [`Decoder::reconnection_time`](crate::Decoder::reconnection_time).
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }
}

#[diagnostic::do_not_recommend]
impl SseEvent for Event {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        let mut encoder = if self.explicit {
            encoder.explicit_event_type(&self.event_type)?
        } else {
            encoder.event_type(&self.event_type)?
        };
        if let Some(id) = &self.id {
            encoder = encoder.id(id)?;
        }
        if let Some(reconnection_time) = self.retry {
            encoder = encoder.retry(reconnection_time)?;
        }
        encoder.text(&self.data)
    }
}
