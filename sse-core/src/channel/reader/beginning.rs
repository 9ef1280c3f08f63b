//! Where a client begins in a log.

use super::super::log::{Cursor, Located, Log, Point};
use super::super::reset::{Reset, ResetReason};
use super::super::start::{Resumption, Start};
use crate::field::LastEventId;

/// Where a subscription begins, and what it tells the client first.
#[derive(Debug)]
pub(super) struct Beginning {
    /// Where the log is read from.
    pub(super) point: Point,
    /// Before that, the newest event of each key is read.
    pub(super) latest_per_key: bool,
    pub(super) resumption: Resumption,
    /// How many retained events are read before live ones.
    pub(super) replayed: u64,
    /// Goes with a reset: where a client resumes that has seen nothing but the reset.
    pub(super) cursor: Cursor,
}

impl Beginning {
    /// For a client with this last event ID; `newest` is the highest sequence number in use.
    pub(super) fn find(log: &Log, last_event_id: &LastEventId, newest: u64, start: Start) -> Self {
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
    pub(super) fn reset(log: &Log, start: Start, reason: ResetReason, seen: Option<u64>) -> Self {
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
