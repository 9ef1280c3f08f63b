//! What a reader of a stored log gets from the store, since it lies before the window.

use std::task::Context;

use super::super::log::{Mark, Point};
use super::{Falls, Order, Output, Reader};
use crate::encode::Frame;

/// Events that lie before the window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Older {
    /// They lie behind this position,
    pub(crate) after: u64,
    /// and up to this.
    pub(crate) up_to: u64,
    /// Only so many are wanted, the newest.
    pub(crate) most: Option<usize>,
}

impl Reader {
    /// Whether it stands before the window onto a stored log, and the store has what follows.
    pub(crate) fn is_before_window(&self) -> bool {
        self.shared.read_log().is_stored_behind_mark(self.next.mark)
    }

    /// What it has to get from the store, perhaps with the event that its client had last.
    pub(crate) fn before_window(&mut self, with_last: bool) -> Older {
        let has_up_to = self.next.mark.sequence;
        let after = if with_last { has_up_to.saturating_sub(1) } else { has_up_to };
        match self.older.take() {
            Some(older) => Older { after, up_to: older.1, most: Some(older.0) },
            None => Older { after, up_to: self.shared.read_log().trimmed().sequence, most: None },
        }
    }

    /// The position up to which it has everything that it gets from the store.
    pub(crate) const fn has_up_to(&self) -> u64 {
        self.next.mark.sequence
    }

    /// Waits for the client's turn to replay: what else comes of it.
    pub(crate) fn poll_turn_of_stored(&mut self, context: &mut Context<'_>) -> Option<Output> {
        self.poll_turn(context)
    }

    /// An event from the store, if it is to be sent, or the checkpoint that is due in its place.
    pub(crate) fn pass_stored(&mut self, frame: Frame, position: u64) -> Option<Output> {
        self.before = self.here();
        self.next = Point { mark: Mark { sequence: position, ..self.next.mark }, ..self.next };
        let frame = self.pass(frame, true)?;
        Some(Output::Event { frame, sequence: position, order: Order::Event })
    }

    /// Goes on in the window, or before it, behind this position: everything up to it was read.
    pub(crate) fn passed_stored(&mut self, position: u64) {
        let shared = std::sync::Arc::clone(&self.shared);
        let log = shared.read_log();
        if let Some(mark) = log.resume(position, self.coalesces()) {
            // What was live only has passed meanwhile.
            self.next = log.point(mark);
        }
    }

    /// The store has let go of what it was to get.
    pub(crate) fn lag_behind_store(&mut self, falls: Falls) -> Output {
        self.lag(falls)
    }
}
