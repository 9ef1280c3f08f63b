//! What narrows a subscription.

use crate::encode::Frame;

pub(crate) struct Filter {
    keep: Box<dyn Fn(&Frame) -> bool + Send + Sync>,
    /// How many events may be left out before the client is told how far it is; `None` for never.
    checkpoint: Option<u64>,
    /// How many were left out since it was told last.
    left_out: u64,
}

impl Filter {
    pub(crate) fn new(keep: Box<dyn Fn(&Frame) -> bool + Send + Sync>) -> Self {
        Self { keep, checkpoint: None, left_out: 0 }
    }

    /// One that narrows nothing.
    pub(crate) fn all() -> Self {
        Self::new(Box::new(|_| true))
    }

    pub(crate) fn with_checkpoint(mut self, events: Option<u64>) -> Self {
        self.checkpoint = events.map(|events| events.max(1));
        self
    }

    pub(crate) const fn checkpoint(&self) -> Option<u64> {
        self.checkpoint
    }

    pub(crate) fn keeps(&self, frame: &Frame) -> bool {
        (self.keep)(frame)
    }

    /// An event passed: the client knows how far it is.
    pub(crate) fn passed(&mut self) {
        self.left_out = 0;
    }

    /// An event was left out. Whether a checkpoint is due in its place.
    pub(crate) fn left_out(&mut self) -> bool {
        self.left_out += 1;
        let due = self.checkpoint.is_some_and(|events| self.left_out >= events);
        if due {
            self.left_out = 0;
        }
        due
    }
}
