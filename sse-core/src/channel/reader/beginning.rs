//! Where a client begins in a log.

use super::super::log::{Begun, Log, Mark, Place};
use super::super::reset::ResetReason;
use super::super::start::Start;

/// What a client asks for, of one log or of several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) place: Place,
    pub(crate) start: Start,
    /// Whatever it missed is part of a state that the application makes for it.
    pub(crate) by_state: bool,
    /// It coalesces.
    pub(crate) coalesces: bool,
    /// The highest sequence number in use.
    pub(crate) newest: u64,
    /// Of several logs, its ID says that it was let begin in this one.
    pub(crate) was_begun: bool,
    /// How many events those of its logs have trimmed, all together, that have lost some behind where it goes on.
    pub(crate) trimmed: u64,
}

impl Request {
    /// Of one that fell behind.
    pub(crate) const fn behind(start: Start, by_state: bool, newest: u64) -> Self {
        Self { place: Place::New, start, by_state, coalesces: false, newest, was_begun: false, trimmed: 0 }
    }
}

/// Where a subscription begins in one log, and what it has to tell the client.
#[derive(Debug)]
pub(crate) struct Beginning {
    /// Where the log is read from.
    pub(crate) mark: Mark,
    /// Before that, the newest event of each key is read.
    pub(crate) state: bool,
    /// The highest number in use when the client began here, unless it goes on.
    pub(crate) at: Option<u64>,
    /// It is given the newest event of each key, whatever its start says.
    pub(crate) by_key: bool,
    pub(crate) outcome: Outcome,
}

/// What became of the client's place in one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything behind it follows.
    GoesOn,
    /// It begins as its start says, and misses nothing that this gives.
    Begins,
    /// It cannot go on, and has missed so many, if that is known.
    Lost(ResetReason, Option<u64>),
}

impl Beginning {
    pub(crate) fn find(log: &Log, request: &Request) -> Self {
        let Request { place, newest, .. } = *request;
        match place {
            Place::New => Self::new_client(log, request),
            Place::At(sequence) => Self::go_on(log, request, sequence)
                .unwrap_or_else(|| Self::lost(log, request, ResetReason::Trimmed, log.seen(sequence))),
            Place::Begun { goes_on, begun } => goes_on
                .and_then(|sequence| Self::go_on(log, request, sequence))
                .unwrap_or_else(|| Self::begun(log, request, goes_on.is_some(), begun)),
            // It has nothing yet, and is given a whole state.
            Place::BegunBefore if request.by_state => Self::start(log, request, newest, Outcome::Begins),
            Place::BegunBefore | Place::OtherEpoch => Self::lost(log, request, ResetReason::Epoch, None),
            Place::Unknown => Self::lost(log, request, ResetReason::Unknown, None),
        }
    }

    /// For a client that saw the first `seen` of the log's events, and cannot get all that follows them.
    pub(crate) fn lost(log: &Log, request: &Request, reason: ResetReason, seen: Option<u64>) -> Self {
        let beginning = Self::start(log, request, request.newest, Outcome::Begins);
        let counted = seen.filter(|_| request.start != Start::LatestPerKey && !request.by_state);
        let missed = counted.map(|seen| beginning.mark.count.saturating_sub(seen));
        Self { outcome: Outcome::Lost(reason, missed), ..beginning }
    }

    fn new_client(log: &Log, request: &Request) -> Self {
        let beginning = Self::start(log, request, request.newest, Outcome::Begins);
        let trimmed = log.trimmed().count;
        if request.start == Start::Earliest && !request.by_state && trimmed > 0 {
            // It asked for all there was.
            return Self { outcome: Outcome::Lost(ResetReason::Trimmed, Some(trimmed)), ..beginning };
        }
        beginning
    }

    fn go_on(log: &Log, request: &Request, sequence: u64) -> Option<Self> {
        let mark = log.resume(sequence, request.coalesces)?;
        Some(Self::behind(mark))
    }

    /// For one that goes on behind this.
    pub(crate) const fn behind(mark: Mark) -> Self {
        Self { mark, state: false, at: None, by_key: false, outcome: Outcome::GoesOn }
    }

    /// It was let begin, and has got nothing since.
    fn begun(log: &Log, request: &Request, partly: bool, begun: Begun) -> Self {
        if begun.by_key && request.start != Start::LatestPerKey && !request.by_state {
            return Self::begun_by_key(log, request, begun.at);
        }
        let lost_below = if request.coalesces { log.lost() } else { log.trimmed().sequence };
        // Where it goes on in some logs, what was trimmed since may be what it went on with in this one; and one that began
        // with the oldest event has lost what was trimmed since.
        let from_oldest = match request.start {
            Start::Earliest => true,
            Start::Last(n) => log.mark_at(begun.at).count.saturating_sub(n as u64) < log.trimmed().count,
            Start::Live | Start::LatestPerKey => false,
        };
        let is_same = request.was_begun || !(partly || from_oldest) || begun.trimmed == request.trimmed;
        let lost = begun.at < lost_below || !is_same;
        if lost && !request.by_state {
            // What it was given began behind this.
            let seen = match request.start {
                Start::Earliest => begun.trimmed,
                Start::Last(n) => begun.at.saturating_sub(n as u64).max(begun.trimmed),
                Start::Live | Start::LatestPerKey => begun.at,
            };
            return Self::lost(log, request, ResetReason::Trimmed, log.seen(seen));
        }
        let beginning = Self::start(log, request, begun.at, Outcome::Begins);
        // What was trimmed since may be kept for its key.
        let mark = log.resume(begun.at, request.coalesces).filter(|_| request.start == Start::Live);
        Self { mark: mark.unwrap_or(beginning.mark), ..beginning }
    }

    /// It has got nothing since it fell behind, and coalesces.
    fn begun_by_key(log: &Log, request: &Request, at: u64) -> Self {
        let lost_below = if request.coalesces { log.lost() } else { log.trimmed().sequence };
        if at < lost_below {
            return Self::lost(log, request, ResetReason::Trimmed, None);
        }
        let request = Request { start: Start::LatestPerKey, ..*request };
        Self { by_key: true, ..Self::start(log, &request, at, Outcome::Begins) }
    }

    /// As the start says, for one that began when this was the highest number in use.
    fn start(log: &Log, request: &Request, at: u64, outcome: Outcome) -> Self {
        let state = request.start == Start::LatestPerKey && !request.by_state && log.keys() > 0;
        let start = if request.by_state { Start::Live } else { request.start };
        Self { mark: log.start(start, at), state, at: Some(at), by_key: false, outcome }
    }
}
