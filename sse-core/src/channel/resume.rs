//! Where a subscription begins.

use std::fmt::{self, Write as _};

use super::log::{Cursor, Located, Log, Point};
use crate::encode::{Encoded, Encoder, Frame};
use crate::event::{Catalogue, Entry, EventSpec, SseEvent};
use crate::field::{EncodeError, EventId, EventType, LastEventId};

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
    /// With the newest event of each key, in the order in which they were published, then live: the state that a
    /// price board or a dashboard wants. Events without a key, and keys whose newest event is a tombstone, are left
    /// out; quiet keys are kept beyond the retention, see [`Builder::keys`](super::Builder::keys). A filter is asked about the
    /// newest event of a key alone. A client that comes back before it has seen a live event may be reset once more.
    LatestPerKey,
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
/// resumes from there. Before a snapshot, the newest of each key or several topics no cursor stands for what is still to
/// come: then such a client is reset again.
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
    /// The subscription itself fell behind what is retained, and went on ([`Slow::Skip`], [`Slow::Coalesce`]).
    Lagged,
}

/// What becomes of a subscriber that falls behind the oldest event that is retained.
///
/// None of them delays a publisher or another subscriber, and none holds events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Slow {
    /// Its stream ends with [`SubscriptionError::Lagged`](super::SubscriptionError::Lagged): the client comes back,
    /// and is told what it missed. The default.
    #[default]
    Disconnect,
    /// It gets a [`Reset`] with the reason `lagged` and goes on as its [`Start`] says.
    Skip,
    /// While it is behind, it skips events that a newer one of the same key has superseded, whatever its type and
    /// whether or not a filter lets it pass; overtaken all the same, it gets a [`Reset`] with the reason `lagged` and goes on with the newest event of each key.
    Coalesce,
}

/// Where a subscription begins, and what it tells the client first.
#[derive(Debug)]
pub(crate) struct Beginning {
    /// Where the log is read from.
    pub(crate) point: Point,
    /// Before that, the newest event of each key is read.
    pub(crate) latest_per_key: bool,
    pub(crate) resumption: Resumption,
    /// How many retained events are read before live ones.
    pub(crate) replayed: u64,
    /// Goes with a reset: where a client resumes that has seen nothing but the reset.
    pub(crate) cursor: Cursor,
}

impl Beginning {
    /// For a client with this last event ID; `newest` is the highest sequence number in use.
    pub(crate) fn find(log: &Log, last_event_id: &LastEventId, newest: u64, start: Start) -> Self {
        if last_event_id.is_empty() {
            return Self::start(log, start, Resumption::New);
        }
        let (reason, seen) = match log.locate(last_event_id.as_str(), newest) {
            Located::Retained(point) => {
                let replayed = log.newest().mark.count - point.mark.count;
                let cursor = log.cursor(point);
                let resumption = Resumption::Complete;
                return Self { point, latest_per_key: false, resumption, replayed, cursor };
            }
            Located::Trimmed { seen } => (ResetReason::Trimmed, seen),
            Located::OtherEpoch => (ResetReason::Epoch, None),
            Located::Unknown => (ResetReason::Unknown, None),
        };
        Self::reset(log, start, reason, seen)
    }

    /// For a client that saw the first `seen` of the log's events, and cannot get all that follows them.
    pub(crate) fn reset(log: &Log, start: Start, reason: ResetReason, seen: Option<u64>) -> Self {
        let mut beginning = Self::start(log, start, Resumption::New);
        let counted = seen.filter(|_| !beginning.latest_per_key);
        let missed = counted.map(|seen| beginning.point.mark.count.saturating_sub(seen));
        beginning.resumption = Resumption::Reset(Reset { reason, missed });
        beginning
    }

    fn start(log: &Log, start: Start, resumption: Resumption) -> Self {
        let point = match start {
            Start::Live | Start::LatestPerKey => log.newest(),
            Start::Earliest => log.oldest(),
            Start::Last(n) => log.last(n as u64),
        };
        let latest_per_key = start == Start::LatestPerKey;
        let (replayed, cursor) = if latest_per_key {
            // Behind this cursor lies everything, or what makes a new reset.
            (log.keys() as u64, log.cursor(Point::default()))
        } else {
            (log.newest().mark.count - point.mark.count, log.cursor(point))
        };
        Self { point, latest_per_key, resumption, replayed, cursor }
    }
}

/// Makes the frame of a reset: the application's own event, or the ordinary one.
pub(crate) type EncodeReset = dyn Fn(Reset, Option<EventId>) -> Result<Frame, EncodeError> + Send + Sync;

/// The ordinary reset event.
pub(crate) fn encode_reset(reset: Reset, id: Option<EventId>) -> Result<Frame, EncodeError> {
    Frame::encode_with_id(&reset, id)
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
