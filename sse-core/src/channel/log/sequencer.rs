//! Who gives out sequence numbers.

use std::sync::PoisonError;

use super::super::sync::{AtomicU64, Count, Mutex, MutexGuard, Ordering};
use super::Epoch;
use super::cursor::{Cursor, Stand};
use super::ids::{Ids, LogId};
use crate::field::EventId;

/// One sequence of numbers, for one log or for many, and the IDs that stand for them.
///
/// Whoever appends holds the turn until the entry is visible, so that when a number is in use, every event below it can be
/// read in its log: that is what makes the number of one log a cursor into all of them.
#[derive(Debug)]
pub(crate) struct Sequencer {
    /// The bytes of the [`Epoch`]: a stored log can begin another life. No order of steps rests on it.
    epoch: Count,
    /// Whether it is for many logs.
    of_many: bool,
    state: Mutex<State>,
    /// The highest number whose event is visible.
    visible: AtomicU64,
}

#[derive(Debug)]
struct State {
    last: u64,
    /// The own ID of the event that has this number.
    own: Option<EventId>,
    ids: Ids,
}

/// The right to use the next number.
pub(crate) struct Turn<'a> {
    state: MutexGuard<'a, State>,
    epoch: &'a Count,
    visible: &'a AtomicU64,
}

/// What a client's last event ID says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) place: Place,
    /// In these logs, it stands elsewhere.
    elsewhere: Vec<(LogId, Stand)>,
}

/// Where a client is, by its last event ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There is none.
    New,
    At(Stand),
    /// It was let begin in another life, and has nothing.
    BegunBefore,
    /// A cursor of another life.
    OtherEpoch,
    Unknown,
}

impl Located {
    /// Where the client stands in a log, if it says that of this log.
    pub(crate) fn elsewhere(&self, log: LogId) -> Option<Stand> {
        self.elsewhere.iter().find(|(named, _)| *named == log).map(|(_, stand)| *stand)
    }

    /// It stands elsewhere in this log, unless it says where.
    pub(crate) fn add_elsewhere(&mut self, log: LogId, stand: Stand) {
        if self.elsewhere(log).is_none() {
            self.elsewhere.push((log, stand));
        }
    }

    /// Whether its client has nothing yet of what it began with, in all logs or one.
    pub(crate) fn has_begun(&self) -> bool {
        let is_begun = |stand: &Stand| !matches!(stand, Stand::Behind(_));
        matches!(&self.place, Place::At(stand) if is_begun(stand))
            || self.elsewhere.iter().any(|(_, stand)| is_begun(stand))
    }

    /// What it says of what had been trimmed is what was lost in all its logs by then, and in those that it names by themselves:
    /// nothing was trimmed since, if that is so now; else, any of it may have been.
    pub(crate) fn compare_losses(&mut self, now: u64, of_log: impl Fn(LogId) -> u64) {
        let compare = |stand: &mut Stand, now: u64| {
            if let Stand::Begun { trims, .. } | Stand::State { trims, .. } = stand {
                *trims = if *trims == now { u64::MAX } else { 0 };
            }
        };
        if let Place::At(stand) = &mut self.place {
            compare(stand, now);
        }
        self.elsewhere.iter_mut().for_each(|(log, stand)| compare(stand, of_log(*log)));
    }

    /// Up to which number its client has all logs but these; 0 if it has nothing yet.
    pub(crate) fn lowest_besides(&self, is_one: impl Fn(LogId) -> bool) -> u64 {
        let Place::At(Stand::Behind(sequence)) = self.place else { return 0 };
        let others = self.elsewhere.iter().filter(|(log, _)| !is_one(*log));
        others.map(|(_, stand)| stand.number()).fold(sequence, u64::min)
    }

    /// Whether its client got nothing from a log but what goes on behind a number.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.place, Place::New | Place::At(Stand::Behind(_))) && self.elsewhere.is_empty()
    }
}

impl From<Place> for Located {
    fn from(place: Place) -> Self {
        Self { place, elsewhere: Vec::new() }
    }
}

impl Sequencer {
    /// One for one log, or for many.
    pub(crate) fn new(epoch: Epoch, remembered: usize, of_many: bool) -> Self {
        let state = State { last: 0, own: None, ids: Ids::new(remembered) };
        let epoch = Count::new(u64::from_ne_bytes(epoch.bytes()));
        Self { epoch, of_many, state: Mutex::new(state), visible: AtomicU64::new(0) }
    }

    pub(crate) const fn is_of_many(&self) -> bool {
        self.of_many
    }

    pub(crate) fn epoch(&self) -> Epoch {
        Epoch::from_bytes(self.epoch.load(Ordering::Acquire).to_ne_bytes())
    }

    pub(crate) fn turn(&self) -> Turn<'_> {
        Turn { state: self.state(), epoch: &self.epoch, visible: &self.visible }
    }

    /// The highest number in use. Every event up to it can be read.
    pub(crate) fn newest(&self) -> u64 {
        self.visible.load(Ordering::SeqCst)
    }

    /// How many events were trimmed, in all logs.
    pub(crate) fn trims(&self) -> u64 {
        self.state().ids.trims()
    }

    /// Finds what `id` names: an event's own ID, or a cursor.
    pub(crate) fn locate(&self, id: &str) -> Located {
        if id.is_empty() {
            return Place::New.into();
        }
        let place = match Cursor::parse(id) {
            Some(cursor) if cursor.epoch == self.epoch() => {
                if cursor.newest() <= self.newest() {
                    let Cursor { stand, elsewhere, .. } = cursor;
                    return Located { place: Place::At(stand), elsewhere };
                }
                Place::Unknown
            }
            cursor => match (self.find(id), cursor.map(|cursor| cursor.stand)) {
                (Some(sequence), _) => Place::At(Stand::Behind(sequence)),
                (None, Some(Stand::Begun { .. } | Stand::State { .. })) => Place::BegunBefore,
                (None, Some(Stand::Behind(_))) => Place::OtherEpoch,
                (None, None) => Place::Unknown,
            },
        };
        place.into()
    }

    /// Whether this ID names a place, or one in another life.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.locate(id).place != Place::Unknown
    }

    /// Whether a state stood at this in front of all events.
    pub(crate) fn is_origin(&self, cursor: &str) -> bool {
        self.state().ids.is_origin(cursor)
    }

    fn find(&self, id: &str) -> Option<u64> {
        let state = self.state();
        // Of many logs, a client may have missed something in another than that of which a state stood there.
        state.find(id).or_else(|| (!self.of_many && state.ids.is_origin(id)).then_some(0))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The number of the event that this ID names; of the newest, whatever was forgotten since, as its ID is the name of the
    /// place behind it.
    fn find(&self, id: &str) -> Option<u64> {
        let is_newest = || self.own.as_ref().is_some_and(|own| own.as_str() == id);
        match self.ids.knows(id.as_bytes()) {
            true => self.ids.find(id.as_bytes()),
            false => is_newest().then_some(self.last),
        }
    }
}

impl Turn<'_> {
    /// The number that was used last.
    pub(crate) fn last(&self) -> u64 {
        self.state.last
    }

    pub(crate) fn ids(&mut self) -> &mut Ids {
        &mut self.state.ids
    }

    /// The number of an event was used, which has this ID of its own or none.
    pub(crate) fn used(&mut self, number: u64, own: Option<EventId>) {
        self.state.last = number;
        self.state.own = own;
    }

    /// Uses a number for no event.
    pub(crate) fn skip(&mut self) {
        self.used(self.last() + 1, None);
        self.show();
    }

    /// A stored log has begun another life: nothing of the one before is known.
    pub(crate) fn begin_life(&mut self, epoch: Epoch) {
        self.epoch.store(u64::from_ne_bytes(epoch.bytes()), Ordering::Release);
        self.used(0, None);
        self.state.ids.clear();
    }

    /// What was used is visible.
    pub(crate) fn show(&mut self) {
        self.visible.store(self.state.last, Ordering::Release);
    }
}
