//! Who gives out sequence numbers.

use std::sync::PoisonError;

use super::super::sync::{AtomicU64, Mutex, MutexGuard, Ordering};
use super::cursor::{Begun, Cursor, Epoch};
use super::ids::Ids;
use crate::field::EventId;

/// One sequence of numbers, for one log or for many, and the IDs that stand for them.
///
/// Whoever appends holds the turn until the entry is visible, so that when a number is in use, every event below it can be
/// read in its log: that is what makes the number of one log a cursor into all of them.
#[derive(Debug)]
pub(crate) struct Sequencer {
    epoch: Epoch,
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
    visible: &'a AtomicU64,
}

/// What a client's last event ID says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There is none.
    New,
    /// It has what lies in front of this.
    At(u64),
    /// It was let begin; it goes on from the number where it can.
    Begun {
        goes_on: Option<u64>,
        begun: Begun,
    },
    /// It was let begin in another life, and has nothing.
    BegunBefore,
    /// A cursor of another life.
    OtherEpoch,
    Unknown,
}

impl Sequencer {
    pub(crate) fn new(epoch: Epoch, remembered: usize) -> Self {
        let state = State { last: 0, own: None, ids: Ids::new(remembered) };
        Self { epoch, state: Mutex::new(state), visible: AtomicU64::new(0) }
    }

    pub(crate) const fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(crate) fn turn(&self) -> Turn<'_> {
        Turn { state: self.state(), visible: &self.visible }
    }

    /// The highest number in use. Every event up to it can be read.
    pub(crate) fn newest(&self) -> u64 {
        self.visible.load(Ordering::Acquire)
    }

    /// What stands for this number on the wire: the own ID of its event, if that is the newest, else the cursor.
    pub(crate) fn name(&self, sequence: u64) -> EventId {
        self.own_name(sequence).unwrap_or_else(|| Cursor::at(self.epoch, sequence).into())
    }

    /// The own ID of the event of this number, if that is the newest of all and has one.
    pub(crate) fn own_name(&self, sequence: u64) -> Option<EventId> {
        let state = self.state();
        state.own.clone().filter(|_| state.last == sequence)
    }

    /// Finds what `id` names: an event's own ID, or a cursor.
    pub(crate) fn locate(&self, id: &str) -> Place {
        if id.is_empty() {
            return Place::New;
        }
        match Cursor::parse(id) {
            Some(cursor) if cursor.epoch == self.epoch => self.locate_cursor(cursor),
            cursor => match (self.state().find(id), cursor) {
                (Some(sequence), _) => Place::At(sequence),
                (None, Some(Cursor { sequence: None, .. })) => Place::BegunBefore,
                (None, Some(_)) => Place::OtherEpoch,
                (None, None) => Place::Unknown,
            },
        }
    }

    fn locate_cursor(&self, Cursor { sequence, begun, .. }: Cursor) -> Place {
        let newest = self.newest();
        let is_used = |sequence: Option<u64>| sequence.is_none_or(|sequence| sequence <= newest);
        match (sequence, begun) {
            _ if !is_used(sequence) || !is_used(begun.map(|begun| begun.at)) => Place::Unknown,
            (Some(sequence), None) => Place::At(sequence),
            (goes_on, Some(begun)) => Place::Begun { goes_on, begun },
            (None, None) => Place::Unknown,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The number of the event that this ID names; of the newest, whatever was forgotten since, as its ID is the name of the
    /// place behind it; or none, of a state that was made before there was any event.
    fn find(&self, id: &str) -> Option<u64> {
        let is_newest = || self.own.as_ref().is_some_and(|own| own.as_str() == id);
        match self.ids.knows(id.as_bytes()) {
            true => self.ids.find(id.as_bytes()),
            false if is_newest() => Some(self.last),
            false => self.ids.is_origin(id).then_some(0),
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

    /// Uses a number for no event. Returns the one before it.
    pub(crate) fn skip(&mut self) -> u64 {
        let last = self.last();
        self.used(last + 1, None);
        self.show();
        last
    }

    /// What was used is visible.
    pub(crate) fn show(&mut self) {
        self.visible.store(self.state.last, Ordering::Release);
    }
}
