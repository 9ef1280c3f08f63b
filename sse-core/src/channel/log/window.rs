//! A log that is a window onto the end of a stored one.

use tokio::time::Instant;

use super::super::start::Start;
use super::{Appended, Epoch, Ids, Log, Mark, Origin, Retention, Turn};
use crate::encode::{Frame, Unsequenced};

impl Log {
    /// A window that begins behind this position, of a log of which the store has nothing up to another.
    pub(crate) fn window(
        epoch: Epoch,
        retention: Retention,
        turn: &mut Turn<'_>,
        begins: u64,
        stored_from: u64,
    ) -> Self {
        Self::window_behind(0, (epoch, retention), turn, begins, stored_from)
    }

    /// The same, for another life of the stored log. Who reads this one stands before its beginning then, and is told.
    pub(crate) fn begin_life(
        &self,
        epoch: Epoch,
        turn: &mut Turn<'_>,
        begins: u64,
        stored_from: u64,
    ) -> Self {
        turn.begin_life(epoch);
        let retention = self.retention.clone();
        Self::window_behind(self.last.count + 1, (epoch, retention), turn, begins, stored_from)
    }

    fn window_behind(
        past_lives: u64,
        (epoch, retention): (Epoch, Retention),
        turn: &mut Turn<'_>,
        begins: u64,
        stored_from: u64,
    ) -> Self {
        // What lies before the window counts as one event, however many there are: enough to tell its places from those in it.
        let mark = Mark { sequence: begins, count: past_lives + u64::from(begins > 0) };
        let mut log = Self::begin(epoch, retention, turn, Origin { mark, ..Origin::default() }, true);
        (log.stored_from, log.past_lives) = (Some(stored_from), past_lives);
        (log.trims.event, log.trims.lost, log.trims.key) = (stored_from, stored_from, 0);
        turn.ids().set_trims(stored_from);
        turn.used(begins, None);
        log
    }

    /// Takes the newest event of a key that lies before the window.
    pub(crate) fn take_key(&mut self, frame: Frame, position: u64) {
        let mark = Mark { sequence: position, count: self.past_lives };
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

    pub(crate) const fn retention(&self) -> &Retention {
        &self.retention
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

    /// The same of one who stands here: places of another life are gone.
    pub(crate) fn is_stored_behind_mark(&self, mark: Mark) -> bool {
        !self.is_of_past_life(mark) && self.is_stored_behind(mark.sequence)
    }

    /// Whether one stands here who read another life of the stored log.
    pub(crate) const fn is_of_past_life(&self, mark: Mark) -> bool {
        mark.count < self.past_lives
    }

    /// Of one who stands before the window, and has what lies up to this number.
    pub(crate) const fn stored_mark(&self, sequence: u64) -> Mark {
        Mark { sequence, count: self.past_lives }
    }

    /// The newest event that is gone.
    pub(crate) fn gone(&self) -> Mark {
        self.stored_from.map_or(self.trimmed, |sequence| Mark { sequence, ..self.trimmed })
    }

    /// Where the oldest events lie that the store has, if they lie before the window.
    pub(crate) fn before_window(&self) -> Option<Mark> {
        let from = self.stored_from.filter(|from| *from < self.trimmed.sequence)?;
        Some(self.stored_mark(from))
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
