//! The events that go through the storm.

use serde::{Deserialize, Serialize};
use typed_sse::SseEvent;

/// What every server publishes, and the storm itself.
#[derive(Debug, SseEvent)]
pub(crate) enum Ticker {
    Tick { origin: u32, number: u32 },
}

/// Which event it is: no two have one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Name {
    /// One life of one server; 0 is the storm.
    pub(crate) origin: u32,
    /// Counts the events of that life.
    pub(crate) number: u32,
}

impl Name {
    pub(crate) const fn event(self) -> Ticker {
        Ticker::Tick { origin: self.origin, number: self.number }
    }

    /// From the data of an event.
    pub(crate) fn read(data: &str) -> Option<Self> {
        serde_json::from_str(data).ok()
    }
}
