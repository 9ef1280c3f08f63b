//! What a client is told that could not resume.

use std::fmt::{self, Write as _};

use crate::encode::{Encoded, Encoder, Frame};
use crate::event::{Catalogue, Entry, EventSpec, SseEvent, encode_with_id};
use crate::field::{EncodeError, EventId, EventType};

/// Tells a client that it could not resume, and what it missed.
///
/// On the wire it is an ordinary event of type `reset`, for which `EventSource` can listen:
///
/// ```text
/// event: reset
/// id: k3v9x2ab-1200
/// data: {"reason":"trimmed","missed":176}
/// ```
///
/// Its ID is the place at which the client goes on: one that loses its connection right behind it resumes from there, and is
/// not reset again unless it has missed more. Between two resets of one connection there is always an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Reset {
    /// Why it could not resume.
    pub reason: ResetReason,
    /// How many events the client will never see; `None` where that cannot be known, or where the newest event of each
    /// key stands for those before it. Ephemeral events do not count; those that a filter leaves out do.
    pub missed: Option<u64>,
}

/// Why a client could not resume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResetReason {
    /// The log does not know the ID: not its own, or an event's own ID that is no longer retained.
    Unknown,
    /// The log knows the ID, but has dropped events behind it.
    Trimmed,
    /// The ID is a cursor into another log, most often this one before a restart.
    Epoch,
    /// The subscription itself fell behind what is retained, and went on ([`Slow::Skip`](crate::Slow::Skip), [`Slow::Coalesce`](crate::Slow::Coalesce)).
    Lagged,
}

/// Makes the frame of a reset: the application's own event, or the ordinary one.
pub(crate) type EncodeReset = dyn Fn(Reset, Option<EventId>) -> Result<Frame, EncodeError> + Send + Sync;

/// The ordinary reset event.
pub(crate) fn encode_reset(reset: Reset, id: Option<EventId>) -> Result<Frame, EncodeError> {
    encode_with_id(&reset, id)
}

#[diagnostic::do_not_recommend]
impl SseEvent for Reset {
    const EVENTS: Catalogue =
        Catalogue::new(&[Entry::Event(EventSpec::new("reset").with_variant("Reset").with_doc(
            "The client could not resume; `missed` is how many events it will never see, if that is known.",
        ))]);

    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        const RESET: EventType = EventType::from_static("reset");
        let mut data = format!("{{\"reason\":\"{}\",\"missed\":", self.reason);
        // Writing to a `String` cannot fail.
        let _ = match self.missed {
            Some(missed) => write!(data, "{missed}}}"),
            None => write!(data, "null}}"),
        };
        encoder.event_type(&RESET)?.text(&data)
    }
}

impl ResetReason {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Trimmed => "trimmed",
            Self::Epoch => "epoch",
            Self::Lagged => "lagged",
        }
    }
}

impl fmt::Display for ResetReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
