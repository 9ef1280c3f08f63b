//! Why an event is none of a type.

use std::error::Error;
use std::fmt;

/// Why a dispatched event could not be read as a value of a type.
#[derive(Debug)]
pub struct FromEventError {
    event_type: String,
}

impl FromEventError {
    /// No event of the type is called so.
    #[must_use]
    pub fn unknown_event_type(event_type: impl Into<String>) -> Self {
        Self { event_type: event_type.into() }
    }

    /// The event type of the event.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }
}

impl fmt::Display for FromEventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the event type `{}` is not known", self.event_type)
    }
}

impl Error for FromEventError {}
