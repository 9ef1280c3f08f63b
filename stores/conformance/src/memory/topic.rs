//! What is known of one topic.

use std::collections::{BTreeMap, HashMap, VecDeque};

use typed_sse_core::store::{Bounds, RecordKind, Stored};

use crate::limits::Limits;

#[derive(Debug, Default)]
pub(super) struct Topic {
    /// Where its records lie, the oldest first.
    positions: VecDeque<u64>,
    bytes: usize,
    /// The own IDs of what is retained.
    ids: HashMap<String, u64>,
    /// The own ID of the newest that was trimmed: its client has missed nothing.
    boundary: Option<(String, u64)>,
    /// The newest event of each key, and where it lies.
    keys: HashMap<String, u64>,
    newest: BTreeMap<u64, Stored>,
    bounds: Bounds,
}

impl Topic {
    pub(super) const fn bounds(&self) -> Bounds {
        self.bounds
    }

    pub(super) fn positions(&self) -> impl DoubleEndedIterator<Item = &u64> + use<'_> {
        self.positions.iter()
    }

    pub(super) fn oldest(&self) -> Option<u64> {
        self.positions.front().copied()
    }

    pub(super) fn fits(&self, limits: Limits) -> bool {
        self.positions.len() <= limits.records && self.bytes <= limits.bytes
    }

    pub(super) fn push(&mut self, stored: &Stored) {
        let record = &stored.record;
        self.positions.push_back(stored.position);
        self.bytes += record.data().len();
        if record.kind() == RecordKind::Finish {
            self.bounds.finished.get_or_insert(stored.position);
        }
        if let Some(id) = record.id() {
            self.ids.insert(id.as_str().to_owned(), stored.position);
        }
        let Some(key) = record.key() else { return };
        if let Some(before) = self.keys.remove(key) {
            self.newest.remove(&before);
        }
        if !record.is_tombstone() {
            self.keys.insert(key.to_owned(), stored.position);
            self.newest.insert(stored.position, stored.clone());
        }
    }

    /// Drops its oldest record, which is this.
    pub(super) fn trim(&mut self, stored: &Stored) {
        self.positions.pop_front();
        self.bytes -= stored.record.data().len();
        self.bounds.trimmed = stored.position;
        self.boundary = stored.record.id().map(|id| (id.as_str().to_owned(), stored.position));
        if let Some((id, position)) = &self.boundary
            && self.ids.get(id) == Some(position)
        {
            self.ids.remove(id);
        }
    }

    /// Begins another life, at this position. Where the records of the one before lay.
    pub(super) fn close(&mut self, position: u64) -> VecDeque<u64> {
        let before = std::mem::take(self);
        let trimmed = before.positions.back().copied().unwrap_or_default().max(before.bounds.trimmed);
        (self.bounds.trimmed, self.bounds.keys_trimmed, self.bounds.closed) = (trimmed, trimmed, position);
        before.positions
    }

    pub(super) fn retained(&self, id: &str) -> Option<u64> {
        self.ids.get(id).copied()
    }

    pub(super) fn find(&self, id: &str) -> Option<u64> {
        let boundary = || self.boundary.as_ref().filter(|(own, _)| own == id).map(|(_, position)| *position);
        self.retained(id).or_else(boundary)
    }

    pub(super) fn newest(&self) -> impl DoubleEndedIterator<Item = &Stored> + use<'_> {
        self.newest.values()
    }
}
