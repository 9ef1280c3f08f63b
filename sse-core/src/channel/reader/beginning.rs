//! Where a client begins in a log.

use super::super::log::{Log, Mark, Place, Stand};
use super::super::reset::ResetReason;
use super::super::start::Start;

/// What a client asks for in one log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) place: Place,
    /// Its ID says this of the log by itself.
    pub(crate) is_elsewhere: bool,
    pub(crate) start: Start,
    /// Whatever it missed is part of a state that the application makes for it.
    pub(crate) by_state: bool,
    /// It coalesces.
    pub(crate) coalesces: bool,
    /// Not for the first time: the store had let go of what it was to get.
    pub(crate) begins_again: bool,
    /// The highest sequence number in use.
    pub(crate) newest: u64,
}

impl Request {
    /// Of one that fell behind.
    pub(crate) const fn behind(start: Start, by_state: bool, coalesces: bool, newest: u64) -> Self {
        let (place, is_elsewhere, begins_again) = (Place::New, false, false);
        Self { place, is_elsewhere, start, by_state, coalesces, begins_again, newest }
    }
}

/// Where a subscription begins in one log, and what it has to tell the client.
#[derive(Debug)]
pub(crate) struct Beginning {
    /// Where the log is read from.
    pub(crate) mark: Mark,
    /// Before that, the newest event of each key is read.
    pub(crate) state: bool,
    /// Before that, so many events are read that lie before the window onto a stored log.
    pub(crate) older: usize,
    /// Where there are fewer of these, what the store has let go of behind this position is missed.
    pub(crate) older_behind: u64,
    pub(crate) begun: Begun,
    pub(crate) outcome: Outcome,
}

/// How a client was let begin in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Behind the number up to which it has its other logs: it goes on.
    GoesOn,
    /// As its start says, when this was the highest number in use.
    AtStart(u64),
    /// In another way, at this number.
    Elsewhere(u64),
}

impl Begun {
    pub(crate) const fn number(self) -> Option<u64> {
        match self {
            Self::GoesOn => None,
            Self::AtStart(number) | Self::Elsewhere(number) => Some(number),
        }
    }
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
            Place::At(Stand::Behind(sequence)) => Self::go_on(log, request, sequence)
                .unwrap_or_else(|| Self::lost(log, request, ResetReason::Trimmed, log.seen(sequence))),
            Place::At(Stand::Begun { at, .. } | Stand::State { at, .. }) if request.by_state => {
                Self::start(log, request, at, Outcome::Begins)
            }
            Place::At(Stand::Begun { at, trims }) => Self::begun(log, request, at, trims),
            Place::At(Stand::State { at, trims }) => Self::begun_by_key(log, request, at, trims),
            // It has nothing yet, and is given a whole state.
            Place::BegunBefore if request.by_state => Self::start(log, request, newest, Outcome::Begins),
            Place::BegunBefore | Place::OtherEpoch => Self::lost(log, request, ResetReason::Epoch, None),
            Place::Unknown => Self::lost(log, request, ResetReason::Unknown, None),
        }
    }

    /// For a client that saw the first `seen` of the log's events, and cannot get all that follows them.
    pub(crate) fn lost(log: &Log, request: &Request, reason: ResetReason, seen: Option<u64>) -> Self {
        // One that had to wait for the store is told of what is gone by now, so it begins behind that.
        let gone = if request.coalesces { log.lost() } else { log.gone() }.sequence;
        let at = request.newest.max(gone.min(log.newest().sequence));
        let beginning = Self::start(log, request, at, Outcome::Begins);
        let is_counted = log.counts() && request.start != Start::LatestPerKey && !request.by_state;
        let counted = seen.filter(|_| is_counted);
        let missed = counted.map(|seen| beginning.mark.count.saturating_sub(seen));
        Self { outcome: Outcome::Lost(reason, missed), ..beginning }
    }

    fn new_client(log: &Log, request: &Request) -> Self {
        let Request { newest, coalesces, by_state, .. } = *request;
        if !by_state && newest < log.own_loss() && log.resume(newest, coalesces).is_none() {
            // It had to wait for the store since it came, and was to get all that was published meanwhile.
            return Self::lost(log, request, ResetReason::Trimmed, None);
        }
        let beginning = Self::start(log, request, newest, Outcome::Begins);
        if request.start == Start::Earliest && !by_state && !log.is_whole(coalesces) {
            // It asked for all there was.
            let missed = Some(beginning.mark.count).filter(|_| log.counts());
            return Self { outcome: Outcome::Lost(ResetReason::Trimmed, missed), ..beginning };
        }
        beginning
    }

    fn go_on(log: &Log, request: &Request, sequence: u64) -> Option<Self> {
        let begun = if request.is_elsewhere { Begun::Elsewhere(sequence) } else { Begun::GoesOn };
        let mark = log.resume(sequence, request.coalesces)?;
        Some(Self { begun, ..Self::behind(mark) })
    }

    /// For one that goes on behind this.
    pub(crate) const fn behind(mark: Mark) -> Self {
        let (state, older, older_behind) = (false, 0, u64::MAX);
        Self { mark, state, older, older_behind, begun: Begun::GoesOn, outcome: Outcome::GoesOn }
    }

    /// It was let begin as its start says, and has got nothing since.
    fn begun(log: &Log, request: &Request, at: u64, trims: u64) -> Self {
        let (newest_lost, last) = match request.coalesces {
            true => (log.lost(), log.trims().lost),
            false => (log.gone(), log.trims().event),
        };
        let is_trimmed = last > trims;
        let lost = at < newest_lost.sequence
            || match request.start {
                Start::Earliest => is_trimmed,
                // How many there are before a window, the store will say.
                Start::Last(_) if log.older(request.start, at) > 0 => is_trimmed && request.begins_again,
                Start::Last(n) => is_trimmed && log.count_at(at).saturating_sub(n as u64) < newest_lost.count,
                Start::LatestPerKey => log.trims().key > trims,
                Start::Live => false,
            };
        if lost {
            // What it was given began behind this.
            let seen = match request.start {
                // What was kept then for its key is not known.
                Start::Earliest | Start::Last(_) if request.coalesces && trims > 0 => None,
                Start::Earliest => Some(trims),
                Start::Last(n) => Some(at.saturating_sub(n as u64).max(trims)),
                Start::Live | Start::LatestPerKey => Some(at),
            };
            return Self::lost(log, request, ResetReason::Trimmed, seen.and_then(|seen| log.seen(seen)));
        }
        Self { older_behind: trims, ..Self::start(log, request, at, Outcome::Begins) }
    }

    /// It has got nothing since it was let begin with the newest event of each key.
    fn begun_by_key(log: &Log, request: &Request, at: u64, trims: u64) -> Self {
        let lost_below = if request.coalesces { log.lost() } else { log.gone() }.sequence;
        if at < lost_below || log.trims().key > trims {
            return Self::lost(log, request, ResetReason::Trimmed, None);
        }
        let request = Request { start: Start::LatestPerKey, ..*request };
        let beginning = Self::start(log, &request, at, Outcome::Begins);
        Self { begun: Begun::Elsewhere(at), ..beginning }
    }

    /// As the start says, for one that began when this was the highest number in use.
    fn start(log: &Log, request: &Request, at: u64, outcome: Outcome) -> Self {
        let state = request.start == Start::LatestPerKey && !request.by_state && log.keys() > 0;
        let start = if request.by_state { Start::Live } else { request.start };
        let older = log.older(start, at);
        let before = log.before_window().filter(|_| older > 0);
        let mark = before.unwrap_or_else(|| log.start(start, at, request.coalesces));
        Self { mark, state, older, older_behind: u64::MAX, begun: Begun::AtStart(at), outcome }
    }
}
