//! The newest event of each key.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;

use super::Mark;
use crate::encode::Frame;

/// Which event of a key is its newest, and the frames of those that the log has let go meanwhile.
pub(crate) struct Keys {
    newest: HashMap<Box<str>, Newest>,
    /// The newest of quiet keys, whose entry has been trimmed.
    kept: Shelf,
    /// The same of those that are tombstones: a slow reader has to learn that the key is gone.
    gone: Shelf,
    /// How many of the newest are tombstones.
    tombstones: usize,
    /// The newest event that is not kept any more, though it was the newest of its key and no tombstone. What is kept has a
    /// higher number: the quietest go first, and what comes to them is newer than all of them.
    dropped: u64,
    /// The own IDs of frames that were kept and are not any more, with their numbers.
    let_go: Vec<(Bytes, u64)>,
}

/// What a log keeps of an entry that it has let go.
pub(crate) struct Kept {
    pub(crate) frame: Frame,
    pub(crate) mark: Mark,
}

/// The most that is kept.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) keys: usize,
    pub(crate) bytes: usize,
}

#[derive(Clone, Copy)]
struct Newest {
    sequence: u64,
    count: u64,
    tombstone: bool,
}

/// Frames by their sequence number.
struct Shelf {
    frames: BTreeMap<u64, Kept>,
    bytes: usize,
    bounds: Bounds,
}

impl Keys {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let shelf = || Shelf { frames: BTreeMap::new(), bytes: 0, bounds };
        Self {
            newest: HashMap::new(),
            kept: shelf(),
            gone: shelf(),
            tombstones: 0,
            dropped: 0,
            let_go: Vec::new(),
        }
    }

    /// Takes note of an event. Returns how many came up to the one that it supersedes, if that is retained.
    pub(crate) fn publish(&mut self, frame: &Frame, mark: Mark) -> Option<u64> {
        let key = frame.key()?;
        let newest = Newest { sequence: mark.sequence, count: mark.count, tombstone: frame.is_tombstone() };
        self.tombstones += usize::from(newest.tombstone);
        let Some(known) = self.newest.get_mut(key) else {
            self.newest.insert(key.into(), newest);
            return None;
        };
        let superseded = std::mem::replace(known, newest);
        self.tombstones -= usize::from(superseded.tombstone);
        let kept = self.kept.remove(superseded.sequence).or_else(|| self.gone.remove(superseded.sequence));
        if let Some(kept) = kept {
            self.let_go(&kept);
        }
        Some(superseded.count)
    }

    /// Whether the event of this number is kept.
    pub(crate) fn keeps(&self, sequence: u64) -> bool {
        self.kept.frames.contains_key(&sequence) || self.gone.frames.contains_key(&sequence)
    }

    /// The own IDs, with their numbers, of what was let go since this was asked last.
    pub(crate) fn take_let_go(&mut self) -> Vec<(Bytes, u64)> {
        std::mem::take(&mut self.let_go)
    }

    fn let_go(&mut self, kept: &Kept) {
        self.let_go.extend(kept.frame.own_id().map(|id| (id, kept.mark.sequence)));
    }

    /// Keeps the frame of an entry that leaves the log, if it is the newest of its key. Returns the event up to which
    /// something that nothing has superseded is lost by this.
    pub(crate) fn trim(&mut self, frame: &Frame, mark: Mark) -> Option<Mark> {
        let Some(key) = frame.key() else { return Some(mark) };
        let newest = self.newest.get(key)?;
        if newest.sequence != mark.sequence {
            return None;
        }
        let shelf = if newest.tombstone { &mut self.gone } else { &mut self.kept };
        // It may be kept for long: what came with it is not to be kept for it.
        shelf.insert(Kept { frame: frame.detached(), mark });
        let mut lost = None;
        // The quietest keys go first.
        while let Some(quietest) = self.kept.pop_excess().or_else(|| self.gone.pop_excess()) {
            lost = lost.max(Some(quietest.mark));
            self.forget(&quietest);
        }
        lost
    }

    /// Forgets the key that has been quiet for longest. Returns its event.
    pub(crate) fn drop_quietest(&mut self) -> Option<Mark> {
        let quietest = self.kept.pop().or_else(|| self.gone.pop())?;
        self.forget(&quietest);
        Some(quietest.mark)
    }

    /// The number of the oldest kept event.
    pub(crate) fn oldest(&self) -> Option<u64> {
        let first = |shelf: &Shelf| shelf.frames.first_key_value().map(|(sequence, _)| *sequence);
        first(&self.kept).into_iter().chain(first(&self.gone)).min()
    }

    /// The first kept event behind this number that is no tombstone.
    pub(crate) fn state_behind(&self, sequence: u64) -> Option<&Kept> {
        self.kept.behind(sequence)
    }

    /// The first kept event behind this number.
    pub(crate) fn kept_behind(&self, sequence: u64) -> Option<&Kept> {
        match (self.kept.behind(sequence), self.gone.behind(sequence)) {
            (Some(kept), Some(gone)) if gone.mark.sequence < kept.mark.sequence => Some(gone),
            (kept, gone) => kept.or(gone),
        }
    }

    /// Where the kept events lie behind this number, in order.
    pub(crate) fn kept(&self, sequence: u64) -> impl Iterator<Item = Mark> {
        let first = self.kept_behind(sequence);
        std::iter::successors(first, |kept| self.kept_behind(kept.mark.sequence)).map(|kept| kept.mark)
    }

    /// How many kept events lie behind this number.
    pub(crate) fn count_behind(&self, sequence: u64) -> u64 {
        (self.kept.frames.range(sequence + 1..).count() + self.gone.frames.range(sequence + 1..).count())
            as u64
    }

    /// How many keys have a newest event that is no tombstone.
    pub(crate) fn len(&self) -> usize {
        self.newest.len() - self.tombstones
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.kept.bytes + self.gone.bytes
    }

    /// The number up to which the newest events of keys may be missing, other than tombstones.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }

    fn forget(&mut self, kept: &Kept) {
        self.let_go(kept);
        if let Some(newest) = kept.frame.key().and_then(|key| self.newest.remove(key)) {
            self.tombstones -= usize::from(newest.tombstone);
            if !newest.tombstone {
                self.dropped = self.dropped.max(newest.sequence);
            }
        }
    }
}

impl Shelf {
    fn insert(&mut self, kept: Kept) {
        self.bytes += kept.frame.stored_len();
        self.frames.insert(kept.mark.sequence, kept);
    }

    fn remove(&mut self, sequence: u64) -> Option<Kept> {
        let kept = self.frames.remove(&sequence)?;
        self.bytes -= kept.frame.stored_len();
        Some(kept)
    }

    fn pop_excess(&mut self) -> Option<Kept> {
        if self.frames.len() <= self.bounds.keys && self.bytes <= self.bounds.bytes {
            return None;
        }
        self.pop()
    }

    fn pop(&mut self) -> Option<Kept> {
        let (_, kept) = self.frames.pop_first()?;
        self.bytes -= kept.frame.stored_len();
        Some(kept)
    }

    fn behind(&self, sequence: u64) -> Option<&Kept> {
        self.frames.range(sequence + 1..).next().map(|(_, kept)| kept)
    }
}
