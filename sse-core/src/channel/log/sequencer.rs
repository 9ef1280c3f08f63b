//! Who gives out sequence numbers.

use std::sync::PoisonError;

use super::super::sync::{AtomicU64, Mutex, MutexGuard, Ordering};

/// One sequence of numbers, for one log or for many.
///
/// Whoever appends holds the turn until the entry is visible, so that when a number is in use, every event below it can be
/// read in its log: that is what makes the number of one log a cursor into all of them.
#[derive(Debug, Default)]
pub(crate) struct Sequencer {
    last: Mutex<u64>,
    /// The highest number whose event is visible.
    visible: AtomicU64,
}

/// The right to use the next number.
pub(crate) struct Turn<'a> {
    last: MutexGuard<'a, u64>,
    visible: &'a AtomicU64,
}

impl Sequencer {
    pub(crate) fn turn(&self) -> Turn<'_> {
        Turn { last: self.last.lock().unwrap_or_else(PoisonError::into_inner), visible: &self.visible }
    }

    /// The highest number in use. Every event up to it can be read.
    pub(crate) fn newest(&self) -> u64 {
        self.visible.load(Ordering::Acquire)
    }
}

impl Turn<'_> {
    /// The number that was used last.
    pub(crate) fn last(&self) -> u64 {
        *self.last
    }

    /// Ends the turn: the event of this number is visible.
    pub(crate) fn used(mut self, number: u64) {
        *self.last = number;
        self.visible.store(number, Ordering::Release);
    }
}
