//! One connection of a client, whether it reads one log or several.

mod last;
mod stored;
mod told;

use std::slice;
use std::sync::Arc;

use tokio::time::Instant;

use super::super::log::{Epoch, LogId, Place, Sequencer, Stand};
use super::super::reset::{Reset, ResetReason};
use super::super::sight::trace;
use super::super::start::{Resumption, Start};
use super::beginning::{Outcome, Request};
use super::{Falls, Keep, Reader};
use crate::encode::Frame;
use crate::field::LastEventId;
use stored::{Waited, loss};

/// What a client came with, and what it is told of its place.
///
/// It is told once of what it missed, and then not again before it got an event: what it misses meanwhile is added up. An
/// event that comes before it could be told has no ID, so that a client which breaks off right behind it comes back to
/// where it was told last.
pub(crate) struct Visit {
    opened: bool,
    /// An event has come since it was told of what it missed.
    may_reset: bool,
    /// An event has come since it began, or was told of what it missed.
    has_event: bool,
    /// An event has come.
    has_got_any: bool,
    /// It fell behind since this was asked last.
    lagged: bool,
    /// It was told that it missed something in some of its logs, or joined them: an ID that goes out has to say where it is in
    /// each.
    told: bool,
    /// Of several logs, it was let begin in some, and is not known to be as far there as in the others.
    unsettled: bool,
    /// What it begins with is a state that the application makes.
    by_state: bool,
    /// It does not go on everywhere where it was.
    begins: bool,
    /// In some of its logs, it begins as one that never had anything of them.
    is_new: bool,
    /// How it ended.
    end: Option<Ending>,
    /// What goes out before anything is read.
    queued: Option<Box<Frame>>,
    /// What it has missed without being told.
    owed: Option<Box<Owed>>,
    until: Option<Box<Arc<Keep>>>,
    /// Unless it is empty.
    last_event_id: Option<Box<LastEventId>>,
    /// What holds for it since it had to wait for a store.
    waited: Option<Box<Waited>>,
    /// Where it stands in topics that were closed, and made anew since it got that.
    fresh: Option<Box<Fresh>>,
    start: Start,
    resumption: Resumption,
    replayed: u64,
    /// How many events had been trimmed, in all logs, when it began.
    trims: u64,
    /// It came with all up to this number of this life, however much of that is forgotten by now.
    came_behind: Option<(Epoch, u64)>,
    span: trace::Subscribed,
}

/// Where a client stands in topics of their own.
type Fresh = Box<[(LogId, Stand)]>;

/// How a stream ended, but for one whose client left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// There was no room for it.
    SentAway,
    /// All is read of what was finished.
    Finished,
    /// The event has come behind which it was to end.
    Done,
    Drained,
    Lagged,
    /// There is no state to begin with.
    Failed,
}

impl Ending {
    /// As spans have it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::SentAway => "sent_away",
            Self::Finished => "finished",
            Self::Done => "done",
            Self::Drained => "drained",
            Self::Lagged => "lagged",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Owed {
    missed: Option<u64>,
}

/// The places that were taken in all logs.
#[derive(Debug, Default)]
struct Taken {
    /// It goes on behind what it had in one of them.
    goes_on: bool,
    /// It begins in one of them.
    begins: bool,
    replayed: u64,
    /// What it has missed: why, and how much in all, if that is known.
    reset: Option<Reset>,
}

impl Taken {
    fn of(readers: &mut [Reader], mut request: impl FnMut(&Reader) -> Request) -> Self {
        let mut taken = Self::default();
        for reader in readers {
            let request = request(reader);
            let began = reader.begin(&request);
            taken.replayed += began.replayed;
            match began.outcome {
                Outcome::GoesOn => taken.goes_on = true,
                Outcome::Begins => taken.begins = true,
                Outcome::Lost(reason, missed) => {
                    taken.begins = true;
                    taken.reset = Some(match taken.reset {
                        None => Reset { reason, missed },
                        Some(Reset { reason: first, missed: more }) => Reset {
                            // That its ID is worth nothing is more than what one of them, which it joins perhaps, has trimmed.
                            reason: if first == ResetReason::Trimmed { reason } else { first },
                            missed: more.zip(missed).map(|(more, missed)| more + missed),
                        },
                    });
                }
            }
        }
        taken
    }
}

impl Visit {
    pub(crate) fn new(channel: &str, last_event_id: LastEventId, sent_away: Option<Frame>) -> Self {
        Self {
            span: trace::Subscribed::new(channel, &last_event_id),
            last_event_id: Some(Box::new(last_event_id)).filter(|id| !id.is_empty()),
            waited: None,
            fresh: None,
            start: Start::Live,
            by_state: false,
            resumption: Resumption::New,
            begins: false,
            is_new: false,
            replayed: 0,
            trims: 0,
            came_behind: None,
            told: false,
            unsettled: false,
            end: sent_away.is_some().then_some(Ending::SentAway),
            queued: sent_away.map(Box::new),
            owed: None,
            may_reset: true,
            has_event: false,
            has_got_any: false,
            lagged: false,
            until: None,
            opened: false,
        }
    }

    pub(crate) fn set_start(&mut self, start: Start) {
        self.start = start;
    }

    pub(crate) fn set_fresh(&mut self, fresh: Fresh) {
        self.fresh = (!fresh.is_empty()).then(|| Box::new(fresh));
    }

    pub(crate) fn set_by_state(&mut self) {
        self.by_state = true;
    }

    /// Takes the client's places in these logs, of one sequence. Some of them it may join now. Returns the highest number that
    /// it got, or came back with, or behind which it was let begin live: `None` if it has nothing yet of what it begins with.
    pub(crate) fn begin(
        &mut self,
        sequencer: &Sequencer,
        readers: &mut [Reader],
        joins: impl Fn(&Reader) -> bool,
    ) -> Option<u64> {
        if self.end == Some(Ending::SentAway) {
            return None;
        }
        let now = Instant::now();
        readers.iter().for_each(|reader| reader.shared().trim_aged(now));
        // The number first: what comes meanwhile lies behind it, and follows.
        let newest = self.came_at(sequencer).unwrap_or_else(|| sequencer.newest());
        self.trims = Self::trims_now(sequencer, readers);
        let mut located = self.locate_for_good(sequencer);
        if Self::compares_losses(sequencer, readers) {
            let of_log = |log| {
                readers.iter().find(|reader| reader.log_id() == log).map(slice::from_ref).map_or(0, loss)
            };
            located.compare_losses(self.trims, of_log);
        }
        let fresh = self.fresh.iter().flat_map(|fresh| fresh.iter());
        fresh.for_each(|(log, stand)| located.add_elsewhere(*log, *stand));
        let Self { start, by_state, .. } = *self;
        let begins_again = self.begins_again();
        // Whether it joins some, and whether its ID says of some only what it says of all.
        let (mut joins_any, mut goes_by_all, mut is_new) = (false, false, false);
        let taken = Taken::of(readers, |reader| {
            let elsewhere = located.elsewhere(reader.log_id());
            let joined = joins(reader);
            joins_any |= joined;
            goes_by_all |= !joined && elsewhere.is_none();
            let place = match elsewhere {
                _ if joined => Place::New,
                Some(stand) => Place::At(stand),
                None => located.place,
            };
            is_new |= matches!(place, Place::New);
            let is_elsewhere = elsewhere.is_some();
            Request { place, is_elsewhere, start, by_state, coalesces: false, begins_again, newest }
        });
        (self.begins, self.replayed, self.is_new) = (taken.begins, taken.replayed, is_new);
        self.resumption = match (taken.reset, located.place) {
            (Some(reset), _) => Resumption::Reset(reset),
            (None, Place::New | Place::BegunBefore) => Resumption::New,
            (None, _) => Resumption::Complete,
        };
        self.may_reset = taken.reset.is_none() && !self.was_told();
        self.has_event = false;
        self.told = taken.reset.is_some() || joins_any || !located.is_plain();
        self.unsettled = true;
        self.end = None;
        let is_live = start == Start::Live && !matches!(located.place, Place::At(Stand::State { .. }));
        let reached = match located.place {
            Place::At(Stand::Behind(sequence)) if taken.goes_on && goes_by_all => Some(sequence),
            Place::At(_) if taken.goes_on && !goes_by_all => {
                readers.iter().map(|reader| reader.number()).min()
            }
            // All that it begins with lies behind.
            _ if (is_live || self.replayed == 0) && !by_state && !taken.goes_on => {
                readers.iter().filter_map(|reader| reader.begun().number()).min()
            }
            _ => None,
        };
        self.end_if_had_last(&located, readers);
        // It may come back for one that it has left: what it had of that is not taken back. Of these here, what is behind that is so
        // by itself.
        let left = located.lowest_besides(|log| readers.iter().any(|reader| reader.log_id() == log));
        reached.map(|reached| reached.max(left))
    }

    /// An event of the application's making is sent. The client ends behind the state if this is the last for it.
    pub(crate) fn note_event(&mut self, frame: &Frame) {
        (self.may_reset, self.has_event, self.has_got_any) = (true, true, true);
        if self.until.as_ref().is_some_and(|is_last| is_last(frame)) {
            self.end = Some(Ending::Done);
        }
    }

    pub(crate) const fn is_opened(&self) -> bool {
        self.opened
    }

    pub(crate) fn take_queued(&mut self) -> Option<Frame> {
        self.queued.take().map(|frame| *frame)
    }

    /// Whether it ends behind an event that the application names.
    pub(crate) const fn may_end(&self) -> bool {
        self.until.is_some()
    }

    /// Whether an event goes out as it is, and changes nothing, until the visit is changed in another way.
    pub(crate) const fn reads_along(&self) -> bool {
        self.opened
            && self.may_reset
            && self.queued.is_none()
            && self.owed.is_none()
            && self.until.is_none()
            && self.end.is_none()
    }

    /// The same, of one that has begun.
    pub(crate) const fn goes_along(&self) -> bool {
        self.reads_along() && self.has_event
    }

    pub(crate) const fn has_lagged(&self) -> bool {
        self.lagged
    }

    /// Whether it fell behind since this was asked last.
    pub(crate) fn take_lagged(&mut self) -> bool {
        std::mem::take(&mut self.lagged)
    }

    pub(crate) fn set_ended(&mut self, how: Ending) {
        self.end = Some(how);
    }

    pub(crate) const fn is_ended(&self) -> bool {
        self.end.is_some() && self.queued.is_none()
    }

    /// Whether nothing at all will come of it.
    pub(crate) fn is_over(&self, readers: &[Reader]) -> bool {
        if self.is_ended() {
            return true;
        }
        let tells_nothing = match self.resumption {
            Resumption::Reset(_) => self.opened && self.queued.is_none(),
            // An ID alone is worth no connection.
            Resumption::New | Resumption::Complete => {
                self.queued.as_ref().is_none_or(|frame| !frame.is_event() && frame.id().is_some())
            }
        };
        tells_nothing
            && self.end.is_none()
            && !(self.by_state && self.begins)
            && readers.iter().all(Reader::is_over)
    }

    pub(crate) fn delivered(&mut self, events: u64) {
        self.span.delivered(events);
    }

    pub(crate) const fn begins(&self) -> bool {
        self.begins
    }

    /// Whether what it begins with is a state that the application makes.
    pub(crate) const fn is_by_state(&self) -> bool {
        self.by_state
    }

    /// Where the client goes on in a log in which it falls behind.
    pub(crate) const fn falls(&self) -> Falls {
        let Self { start, by_state, may_reset, .. } = *self;
        Falls { start, by_state, owes_event: !may_reset && !by_state, may_end: self.until.is_some() }
    }

    pub(crate) const fn resumption(&self) -> Resumption {
        self.resumption
    }

    pub(crate) const fn replayed(&self) -> u64 {
        self.replayed
    }

    /// The ID that it came with.
    pub(crate) fn last_event_id(&self) -> &str {
        self.last_event_id.as_ref().map_or("", |id| id.as_str())
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.span.ends(self.end.map_or("left", Ending::as_str));
    }
}
