//! The newest event of each key.

use std::collections::{BTreeMap, HashMap};

use crate::encode::Frame;

/// Which event of a key is its newest, and the frames of those that the log has let go meanwhile.
pub(crate) struct Keys {
    newest: HashMap<Box<str>, Newest>,
    /// By place: the newest of quiet keys, whose entry has been trimmed.
    kept: BTreeMap<u64, Kept>,
    kept_bytes: usize,
    bounds: Bounds,
    /// How many of the newest are tombstones.
    tombstones: usize,
}

struct Kept {
    frame: Frame,
    sequence: u64,
}

/// The most that is kept.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) keys: usize,
    pub(crate) bytes: usize,
}

#[derive(Clone, Copy)]
struct Newest {
    place: u64,
    tombstone: bool,
}

impl Keys {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { newest: HashMap::new(), kept: BTreeMap::new(), kept_bytes: 0, bounds, tombstones: 0 }
    }

    /// Takes note of an event at `place`. Returns the place of the event that it supersedes.
    pub(crate) fn publish(&mut self, frame: &Frame, place: u64) -> Option<u64> {
        let key = frame.key().filter(|_| !frame.is_ephemeral())?;
        let newest = Newest { place, tombstone: frame.is_tombstone() };
        self.tombstones += usize::from(newest.tombstone);
        let Some(known) = self.newest.get_mut(key) else {
            self.newest.insert(key.into(), newest);
            return None;
        };
        let superseded = std::mem::replace(known, newest);
        self.tombstones -= usize::from(superseded.tombstone);
        if let Some(kept) = self.kept.remove(&superseded.place) {
            self.kept_bytes -= kept.frame.stored_len();
        }
        Some(superseded.place)
    }

    /// Keeps the frame of an entry that leaves the log, if it is the newest of its key and no tombstone.
    pub(crate) fn trim(&mut self, frame: Frame, place: u64, sequence: u64) {
        let Some(newest) = frame.key().and_then(|key| self.newest.get(key).copied()) else { return };
        if newest.place != place {
            return;
        }
        if newest.tombstone {
            self.forget(&frame);
            return;
        }
        self.kept_bytes += frame.stored_len();
        self.kept.insert(place, Kept { frame, sequence });
        // The quietest keys go first.
        while self.kept.len() > self.bounds.keys || self.kept_bytes > self.bounds.bytes {
            let Some((_, quietest)) = self.kept.pop_first() else { return };
            self.kept_bytes -= quietest.frame.stored_len();
            self.forget(&quietest.frame);
        }
    }

    /// The first kept event from `place` up to `end`: its place, its sequence number and its frame.
    pub(crate) fn kept_from(&self, place: u64, end: u64) -> Option<(u64, u64, &Frame)> {
        let (place, kept) = self.kept.range(place..end).next()?;
        Some((*place, kept.sequence, &kept.frame))
    }

    /// How many keys have a newest event.
    pub(crate) fn len(&self) -> usize {
        self.newest.len() - self.tombstones
    }

    fn forget(&mut self, frame: &Frame) {
        if let Some(newest) = frame.key().and_then(|key| self.newest.remove(key)) {
            self.tombstones -= usize::from(newest.tombstone);
        }
    }
}
