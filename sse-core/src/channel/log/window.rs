//! A log that is a window onto the end of a stored one.

use tokio::time::Instant;

use super::super::start::Start;
use super::{Appended, Epoch, Ids, Log, LogId, Mark, Origin, Retention, Turn};
use crate::encode::Frame;

/// What a window stands on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ground {
    /// It begins behind this position.
    pub(crate) begins: u64,
    /// Up to this one, the store has nothing any more.
    pub(crate) stored_from: u64,
    /// Whether there were events before it, as far as is known.
    pub(crate) has_any: bool,
    /// Its number beside others.
    pub(crate) log: Option<LogId>,
    /// Where its topic was closed; 0 if it never was.
    pub(crate) closed: u64,
}

impl Log {
    /// A window onto the end of a stored log.
    pub(crate) fn window(epoch: Epoch, retention: Retention, turn: &mut Turn<'_>, ground: &Ground) -> Self {
        Self::window_behind(0, (epoch, retention), turn, ground)
    }

    /// The same, for another life of the stored log. Who reads this one stands before its beginning then, and is told.
    pub(crate) fn next_life(&self, epoch: Epoch, turn: &mut Turn<'_>, ground: &Ground) -> Self {
        Self::window_behind(self.last.count + 1, (epoch, self.retention.clone()), turn, ground)
    }

    fn window_behind(
        past_lives: u64,
        (epoch, retention): (Epoch, Retention),
        turn: &mut Turn<'_>,
        ground: &Ground,
    ) -> Self {
        let Ground { begins, stored_from, has_any, log, closed } = *ground;
        // What lies before the window counts as one event, however many there are: enough to tell its places from those in it.
        let mark = Mark { sequence: begins, count: past_lives + u64::from(has_any) };
        let mut window = Self::begin(epoch, retention, turn, Origin { mark, log, ..Origin::default() }, true);
        (window.stored_from, window.past_lives, window.closed) = (Some(stored_from), past_lives, closed);
        let trims = window.own_loss();
        (window.trims.event, window.trims.lost, window.trims.key) = (trims, trims, 0);
        turn.ids().set_trims(stored_from);
        window
    }

    /// How many lives of the stored log there were before this one, as far as this process has seen them.
    pub(crate) const fn past_lives(&self) -> u64 {
        self.past_lives
    }

    /// Where its topic was closed in the store, before this life of it; 0 if it never was.
    pub(crate) const fn closed(&self) -> u64 {
        self.closed
    }

    /// The number of the newest event that was taken, or behind which it begins.
    pub(crate) const fn taken_to(&self) -> u64 {
        self.last.sequence
    }

    /// What says, with that of other logs, whether anything was let go since; 0 if nothing ever was.
    pub(crate) fn loss(&self) -> u64 {
        match (self.own_loss(), self.keys.dropped()) {
            (0, 0) => 0,
            (stored_from, key) => [stored_from, key].into_iter().fold(self.id.number(), mix),
        }
    }

    /// Takes the newest event of a key that lies before the window.
    pub(crate) fn take_key(&mut self, frame: &Frame, position: u64) {
        let mark = Mark { sequence: position, count: self.past_lives };
        self.keys.publish(frame, mark);
        self.keys.trim(frame, mark);
    }

    /// Takes an event from the store, where it has this position.
    pub(crate) fn take(
        &mut self,
        frame: Frame,
        position: u64,
        turn: &mut Turn<'_>,
        now: Instant,
    ) -> Appended {
        self.store(frame, position, turn, now)
    }

    pub(crate) const fn retention(&self) -> &Retention {
        &self.retention
    }

    /// The store has nothing up to this position any more.
    pub(crate) fn set_stored_from(&mut self, position: u64, turn: &mut Turn<'_>) {
        if let Some(from) = self.stored_from.as_mut().filter(|from| **from < position) {
            *from = position;
            let trims = self.own_loss();
            (self.trims.event, self.trims.lost) = (trims, trims);
            turn.ids().set_trims(position);
        }
    }

    /// Whether its marks count all events that ever were: what lies before a window counts as one.
    pub(crate) const fn counts(&self) -> bool {
        self.stored_from.is_none()
    }

    /// Whether the store let go of nothing in this life of the topic.
    pub(super) fn store_has_all(&self) -> bool {
        self.stored_from.is_some_and(|from| from <= self.closed)
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
        let has_any = self.trimmed.count > self.past_lives;
        let from = self.stored_from.filter(|from| has_any && *from < self.trimmed.sequence)?;
        Some(self.stored_mark(from))
    }

    /// Whether the store may have events behind this number that lie before the window.
    pub(crate) fn lies_before_window(&self, sequence: u64) -> bool {
        self.before_window().is_some() && sequence < self.trimmed.sequence
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
        if self.stored_from.is_some() { self.own_loss() } else { ids.note_trim() }
    }

    /// Up to which position the store let something go of this life of the topic; 0 if it let nothing go.
    pub(crate) fn own_loss(&self) -> u64 {
        self.stored_from.filter(|from| *from > self.closed).unwrap_or(0)
    }
}

/// The finalizer of `SplitMix64`: what is added up of such numbers does not cancel out.
const fn mix(mixed: u64, part: u64) -> u64 {
    let mixed = (mixed ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
