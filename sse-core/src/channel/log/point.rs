//! Places in a log.

/// A point between two entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) mark: Mark,
    /// How many ephemeral events lie before it.
    pub(crate) passed: u64,
}

/// How far one is in the events that can be replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// The sequence number reached.
    pub(crate) sequence: u64,
    /// How many of this log's events that is.
    pub(crate) count: u64,
}

impl Point {
    /// The point before everything.
    pub(crate) const START: Self = Self { mark: Mark { sequence: 0, count: 0 }, passed: 0 };

    /// How many entries of any kind lie before it.
    pub(crate) const fn place(self) -> u64 {
        self.mark.count + self.passed
    }
}
