//! All changes, and what they come to.

use std::fmt;

use super::{Change, Effect};

/// What [`compare`](super::compare) found. As text, it is for people: one paragraph per change, then a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    name: String,
    changes: Vec<Change>,
}

/// Whose trouble counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Side {
    /// Clients from before the change that read from a server of after it.
    OldReaders,
    /// Clients of after the change that read what was written before it: replayed from a store, or by a server that is not yet
    /// updated.
    NewReaders,
    /// Either of them.
    #[default]
    Both,
}

impl Report {
    pub(super) fn new(name: String, changes: Vec<Change>) -> Self {
        Self { name, changes }
    }

    /// The changes.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether nothing has changed that a reader could see.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether a change breaks readers of that side.
    #[must_use]
    pub fn breaks(&self, side: Side) -> bool {
        self.changes.iter().any(|change| change.breaks(side))
    }
}

impl Change {
    /// Whether it breaks readers of that side.
    #[must_use]
    pub fn breaks(&self, side: Side) -> bool {
        let is_broken = |effect| effect == Effect::Breaks;
        match side {
            Side::OldReaders => is_broken(self.for_old_readers()),
            Side::NewReaders => is_broken(self.for_new_readers()),
            Side::Both => self.breaks(Side::OldReaders) || self.breaks(Side::NewReaders),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.changes {
            writeln!(f, "{change}")?;
        }
        let breaking = self.changes.iter().filter(|change| change.breaks(Side::Both)).count();
        match (self.changes.len(), breaking) {
            (0, _) => writeln!(f, "no changes of `{}`", self.name),
            (1, 0) => writeln!(f, "1 change of `{}`, which breaks no reader", self.name),
            (1, _) => writeln!(f, "1 change of `{}`, which breaks readers", self.name),
            (all, 0) => writeln!(f, "{all} changes of `{}`, none of which breaks a reader", self.name),
            (all, 1) => writeln!(f, "{all} changes of `{}`, 1 of which breaks readers", self.name),
            (all, some) => writeln!(f, "{all} changes of `{}`, {some} of which break readers", self.name),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.place, self.kind)?;
        for (side, (effect, words)) in ["old readers", "new readers"].into_iter().zip(self.effects()) {
            match effect {
                Effect::None => {}
                Effect::Notice => writeln!(f, "    {side}: {words}")?,
                Effect::Breaks => writeln!(f, "    {side} BREAK: {words}")?,
            }
        }
        Ok(())
    }
}
