//! A log that is a window onto the end of a stored one.

use tokio::time::Instant;

use super::super::start::Start;
use super::{Appended, Epoch, Ids, Log, Mark, Origin, Retention, Turn};
use crate::encode::{Frame, Unsequenced};

/// What lies before the window counts as so many events, however many there are: enough to tell its places from those in it.
const BEFORE: u64 = 1;

impl Log {
    /// A window that begins behind this position, of a log of which the store has nothing up to another.
    pub(crate) fn window(
        epoch: Epoch,
        retention: Retention,
        turn: &mut Turn<'_>,
        begins: u64,
        stored_from: u64,
    ) -> Self {
        let mark = Mark { sequence: begins, count: if begins > 0 { BEFORE } else { 0 } };
        let mut log = Self::begin(epoch, retention, turn, Origin { mark, ..Origin::default() }, true);
        log.stored_from = Some(stored_from);
        (log.trims.event, log.trims.lost) = (stored_from, stored_from);
        turn.ids().set_trims(stored_from);
        turn.used(begins, None);
        log
    }

    /// Takes the newest event of a key that lies before the window.
    pub(crate) fn take_key(&mut self, frame: Frame, position: u64) {
        let mark = Mark { sequence: position, count: 0 };
        self.keys.publish(&frame, mark);
        self.keys.trim(frame, mark);
    }

    /// Takes an event from the store, where it has this position.
    pub(crate) fn take(
        &mut self,
        mut event: Unsequenced,
        position: u64,
        turn: &mut Turn<'_>,
        now: Instant,
    ) -> Appended {
        event.set_sequence(position);
        self.store(event, position, turn, now)
    }

    /// The store has nothing up to this position any more.
    pub(crate) fn set_stored_from(&mut self, position: u64, turn: &mut Turn<'_>) {
        if let Some(from) = self.stored_from.as_mut().filter(|from| **from < position) {
            *from = position;
            (self.trims.event, self.trims.lost) = (position, position);
            turn.ids().set_trims(position);
        }
    }

    /// Whether what follows this number is in the store, as far as it is not here.
    pub(crate) fn is_stored_behind(&self, sequence: u64) -> bool {
        self.stored_from.is_some_and(|from| sequence >= from)
    }

    /// The number up to which events are gone.
    pub(crate) fn gone(&self) -> u64 {
        self.stored_from.unwrap_or(self.trimmed.sequence)
    }

    /// Where the oldest events lie that the store has, if they lie before the window.
    pub(crate) fn before_window(&self) -> Option<Mark> {
        let from = self.stored_from.filter(|from| *from < self.trimmed.sequence)?;
        Some(Mark { sequence: from, count: 0 })
    }

    /// How many events from before the window one is to get that begins so with what was there when this number was the highest
    /// in use.
    pub(crate) fn older(&self, start: Start, at: u64) -> usize {
        let (Start::Last(n), Some(_)) = (start, self.before_window()) else { return 0 };
        let in_window = self.mark_at(at).count.saturating_sub(self.trimmed.count);
        n.saturating_sub(usize::try_from(in_window).unwrap_or(usize::MAX))
    }

    /// Another event was trimmed; of a window, the store has it still.
    pub(super) fn note_trim(&self, ids: &mut Ids) -> u64 {
        if self.stored_from.is_some() { ids.trims() } else { ids.note_trim() }
    }
}
