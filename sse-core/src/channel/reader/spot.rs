//! Where a reader's client is.

use super::super::log::{Mark, Stand};
use super::Reader;
use super::beginning::Begun;
use crate::field::EventId;

/// Where a client is in a log.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spot {
    pub(super) mark: Mark,
    /// It is to get the newest event of each key first, up to this number; 0 if it is not, as there is no key before the first.
    pub(super) state: u64,
    /// Of these, it has what has a number up to this.
    pub(super) behind: u64,
}

impl Reader {
    /// Where its client is.
    pub(super) fn client(&self) -> Spot {
        if self.is_ahead { self.before } else { self.here() }
    }

    pub(super) fn here(&self) -> Spot {
        let mark = self.next.mark;
        self.state.as_ref().map_or(Spot { mark, ..Spot::default() }, |state| {
            // What it may have to wait for, its client does not have.
            let behind = state.last.as_ref().map_or(state.behind, |last| last.0.saturating_sub(1));
            Spot { mark, state: state.up_to, behind }
        })
    }

    /// Where its client stands. `trims` says how many events had been trimmed, in all logs, when nothing was lost to it.
    pub(crate) fn stand(&self, trims: impl FnOnce() -> u64) -> Stand {
        match self.client() {
            Spot { mark, state: 0, .. } => Stand::Behind(mark.sequence),
            Spot { state: at, .. } => Stand::State { at, trims: trims() },
        }
    }

    /// The number by which its client stands there.
    pub(crate) fn number(&self) -> u64 {
        match self.client() {
            Spot { mark, state: 0, .. } => mark.sequence,
            Spot { state: at, .. } => at,
        }
    }

    /// Whether its client is to get the newest event of each key first.
    pub(crate) fn reads_state(&self) -> bool {
        self.client().state > 0
    }

    /// Whether a client that comes back with this number goes on where its client is.
    pub(crate) fn is_at(&self, sequence: u64) -> bool {
        let Spot { mark, state: 0, .. } = self.client() else { return false };
        let log = self.shared.read_log();
        if log.lies_before_window(mark.sequence.min(sequence)) {
            return mark.sequence <= sequence && sequence <= self.has_up_to(mark);
        }
        let goes_on = log.resume(sequence, self.coalesces());
        let goes_on = goes_on.filter(|_| log.has_all_behind(mark, self.coalesces()));
        goes_on.is_some_and(|goes_on| log.left(goes_on) == log.left(mark))
    }

    /// Up to which number its client has everything that the log has, as far as is known of what lies before a window.
    fn has_up_to(&self, client: Mark) -> u64 {
        let known =
            if self.is_ahead { self.next.mark.sequence.checked_sub(1) } else { self.has_stored_up_to() };
        known.map_or(client.sequence, |known| known.max(client.sequence))
    }

    /// Whether its log has all that lies behind this number.
    pub(crate) fn goes_on(&self, sequence: u64) -> bool {
        let Spot { mark, state, .. } = self.client();
        state == 0
            && sequence <= mark.sequence
            && self.shared.read_log().resume(sequence, self.coalesces()).is_some()
    }

    /// What says, with that of other logs, whether anything was let go since.
    pub(crate) fn loss(&self) -> u64 {
        self.shared.read_log().loss()
    }

    /// Up to which position the store has let go of this log, as far as that is known.
    pub(crate) fn stored_loss(&self) -> u64 {
        self.shared.read_log().own_loss()
    }

    /// Whether it stands in a life of the log that is over.
    pub(crate) fn is_of_past_life(&self) -> bool {
        self.shared.read_log().is_of_past_life(self.next.mark)
    }

    /// Whether its log has all that its client is to get.
    pub(crate) fn has_all(&self) -> bool {
        let Spot { mark, state, behind } = self.client();
        let log = self.shared.read_log();
        log.has_all_behind(mark, self.coalesces()) && (state == 0 || log.has_state_behind(behind))
    }

    /// How the client was let begin.
    pub(crate) const fn begun(&self) -> Begun {
        self.begun
    }

    /// Its client goes on behind a number, here as in its other logs.
    pub(crate) const fn settle(&mut self) {
        self.begun = Begun::GoesOn;
    }

    /// The number up to which its client has read.
    pub(crate) fn sequence(&self) -> u64 {
        self.client().mark.sequence
    }

    /// What stands for its place on the wire.
    pub(crate) fn name(&self) -> EventId {
        self.shared.read_log().name(self.next.mark)
    }

    /// What stands for the place of its client, if the event before it has an ID of its own.
    pub(crate) fn own_name(&self) -> Option<EventId> {
        self.shared.read_log().own_name(self.client().mark)
    }
}
