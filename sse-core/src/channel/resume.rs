//! Where a subscription begins.

use std::fmt::{self, Write as _};

use super::cursor::Cursor;
use super::log::{Located, Log, Point};
use crate::encode::{Encoded, Encoder};
use crate::error::EncodeError;
use crate::event::SseEvent;
use crate::event_type::EventType;
use crate::last_event_id::LastEventId;

/// Where a client begins that has no last event ID, or that cannot resume from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Start {
    /// With what is published from now on. The default.
    #[default]
    Live,
    /// With the oldest event that is retained.
    Earliest,
    /// With the newest so many events, or all that are retained if they are fewer.
    Last(usize),
}

/// What became of a client's last event ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resumption {
    /// It sent none.
    New,
    /// Every event after it follows, exactly once and in order.
    Complete,
    /// It cannot resume: a reset event comes first, then what its [`Start`] gives.
    Reset(Reset),
}

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
/// Its ID is the cursor at which the client goes on, so that a client which loses its connection right behind it
/// resumes from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Reset {
    /// Why it could not resume.
    pub reason: ResetReason,
    /// How many events the client will never see; `None` where that cannot be known. Ephemeral events do not count.
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
}

/// Where a subscription begins, and what it tells the client first.
#[derive(Debug)]
pub(super) struct Beginning {
    pub(super) point: Point,
    pub(super) resumption: Resumption,
    /// How many retained events lie behind the point.
    pub(super) replayed: u64,
    /// Goes with a reset.
    pub(super) cursor: Cursor,
}

impl Beginning {
    pub(super) fn find(log: &Log, last_event_id: &LastEventId, start: Start) -> Self {
        let from_start = match start {
            Start::Live => log.newest(),
            Start::Earliest => log.oldest(),
            Start::Last(n) => log.last(n as u64),
        };
        let reset = |reason, missed| (from_start, Resumption::Reset(Reset { reason, missed }));
        let (point, resumption) = if last_event_id.is_empty() {
            (from_start, Resumption::New)
        } else {
            match log.locate(last_event_id.as_str()) {
                Located::Retained(point) => (point, Resumption::Complete),
                Located::Trimmed { sequence } => {
                    reset(ResetReason::Trimmed, Some(from_start.sequence - sequence))
                }
                Located::OtherEpoch => reset(ResetReason::Epoch, None),
                Located::Unknown => reset(ResetReason::Unknown, None),
            }
        };
        let replayed = log.newest().sequence - point.sequence;
        Self { point, resumption, replayed, cursor: log.cursor(point) }
    }
}

/// A reset on its way to one client.
pub(super) struct ResetEvent {
    pub(super) reset: Reset,
    pub(super) cursor: Cursor,
}

impl SseEvent for ResetEvent {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        const RESET: EventType = EventType::from_static("reset");
        let mut data = format!("{{\"reason\":\"{}\",\"missed\":", self.reset.reason);
        // Writing to a `String` cannot fail.
        let _ = match self.reset.missed {
            Some(missed) => write!(data, "{missed}}}"),
            None => write!(data, "null}}"),
        };
        encoder.event_type(&RESET)?.id(&self.cursor)?.text(&data)
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
        }
    }
}

impl fmt::Display for ResetReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
