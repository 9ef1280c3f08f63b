//! What is known of one topic.

use std::collections::{BTreeMap, HashMap, VecDeque};

use typed_sse_core::store::{Bounds, Record, RecordKind};

use crate::limits::Limits;

/// A record, without what is in it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) position: u64,
    /// In ms, by the server's clock.
    pub(super) at: u64,
    pub(super) bytes: u32,
    id: Option<Box<str>>,
}

impl Entry {
    pub(super) fn new(position: u64, at: u64, record: &Record) -> Self {
        let bytes = u32::try_from(record.data().len()).unwrap_or(u32::MAX);
        Self { position, at, bytes, id: record.id().map(|id| id.as_str().into()) }
    }
}

#[derive(Debug, Default)]
pub(super) struct Topic {
    /// The oldest first.
    entries: VecDeque<Entry>,
    bytes: u64,
    /// The own IDs of what is retained.
    ids: HashMap<Box<str>, u64>,
    /// The own ID of the newest that was trimmed: its client has missed nothing.
    pub(super) boundary: Option<(Box<str>, u64)>,
    /// Where the newest event of each key lies.
    keys: HashMap<Box<str>, u64>,
    newest: BTreeMap<u64, (Box<str>, Entry)>,
    pub(super) bounds: Bounds,
}

impl Topic {
    pub(super) const fn bounds(&self) -> Bounds {
        self.bounds
    }

    pub(super) fn oldest(&self) -> Option<&Entry> {
        self.entries.front()
    }

    /// Where the oldest lies, if there is more than the bounds allow.
    pub(super) fn beyond(&self, limits: Limits) -> Option<u64> {
        let fits = self.entries.len() as u64 <= limits.events && self.bytes <= limits.bytes;
        self.oldest().filter(|_| !fits).map(|oldest| oldest.position)
    }

    pub(super) fn entry(&self, position: u64) -> Option<&Entry> {
        let index = self.entries.binary_search_by_key(&position, |entry| entry.position).ok()?;
        self.entries.get(index)
    }

    /// Those at these positions, both included.
    pub(super) fn within(&self, first: u64, last: u64) -> impl DoubleEndedIterator<Item = &Entry> {
        let from = self.entries.partition_point(|entry| entry.position < first);
        let to = self.entries.partition_point(|entry| entry.position <= last);
        self.entries.range(from..to.max(from))
    }

    /// Where the event lay whose key this takes over.
    pub(super) fn push(&mut self, entry: Entry, record: &Record) -> Option<u64> {
        let position = entry.position;
        self.bytes += u64::from(entry.bytes);
        match record.kind() {
            RecordKind::Finish => {
                self.bounds.finished.get_or_insert(position);
            }
            RecordKind::Close => self.bounds.closed = position,
            _ => {}
        }
        if let Some(id) = &entry.id {
            self.ids.insert(id.clone(), position);
        }
        self.entries.push_back(entry.clone());
        self.take_key(entry, record)
    }

    /// The same of one that is kept for its key alone.
    pub(super) fn take_key(&mut self, entry: Entry, record: &Record) -> Option<u64> {
        let key = record.key()?;
        let replaced = self.keys.remove(key);
        if let Some(before) = replaced {
            self.newest.remove(&before);
        }
        if !record.is_tombstone() {
            self.keys.insert(key.into(), entry.position);
            self.newest.insert(entry.position, (key.into(), entry));
        }
        replaced
    }

    /// Whether it is still the newest of its key.
    pub(super) fn drop_oldest(&mut self) -> bool {
        let Some(entry) = self.entries.pop_front() else { return false };
        self.bytes -= u64::from(entry.bytes);
        self.bounds.trimmed = entry.position;
        if let Some(id) = &entry.id
            && self.ids.get(id) == Some(&entry.position)
        {
            self.ids.remove(id);
        }
        self.boundary = entry.id.map(|id| (id, entry.position));
        self.newest.contains_key(&entry.position)
    }

    /// Forgets the key that has been quiet for longest, if there are more than so many and its event is kept for it alone.
    pub(super) fn forget_key(&mut self, most: u64) -> Option<u64> {
        if self.keys.len() as u64 <= most {
            return None;
        }
        let quiet = self.newest.first_entry().filter(|newest| *newest.key() <= self.bounds.trimmed)?;
        let (position, (key, _)) = quiet.remove_entry();
        self.keys.remove(&key);
        self.bounds.keys_trimmed = self.bounds.keys_trimmed.max(position);
        Some(position)
    }

    /// Begins another life, at this position. Where the records of the one before lay.
    pub(super) fn close(&mut self, position: u64) -> Vec<u64> {
        let before = std::mem::take(self);
        let newest = before.entries.back().map_or(0, |entry| entry.position);
        let trimmed = newest.max(before.bounds.trimmed);
        (self.bounds.trimmed, self.bounds.keys_trimmed, self.bounds.closed) = (trimmed, trimmed, position);
        let kept = before.newest.into_keys().filter(|position| *position <= before.bounds.trimmed);
        before.entries.into_iter().map(|entry| entry.position).chain(kept).collect()
    }

    pub(super) fn retained(&self, id: &str) -> Option<u64> {
        self.ids.get(id).copied()
    }

    pub(super) fn find(&self, id: &str) -> Option<u64> {
        let boundary =
            || self.boundary.as_ref().filter(|(own, _)| **own == *id).map(|(_, position)| *position);
        self.retained(id).or_else(boundary)
    }

    pub(super) fn newest(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.newest.values().map(|(_, entry)| entry)
    }
}
