//! The log itself: plain data, told the time, without locks or wakers.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::cursor::{Cursor, Epoch};
use super::error::PublishError;
use super::keys::{Bounds, Keys};
use crate::error::{EncodeError, EncodeErrorKind};
use crate::event_id::EventId;
use crate::frame::{Frame, Unsequenced};
use crate::last_event_id::LastEventId;

/// Frames in the order they were published.
///
/// Each entry has a *place*, counted from 0 over all entries, and a *sequence number*, counted from 1 over the events
/// that can be replayed. An ephemeral event takes a place, and shares the sequence number of the event before it.
pub(super) struct Log {
    epoch: Epoch,
    retention: Retention,
    entries: VecDeque<Stored>,
    /// The place of the oldest entry.
    first: u64,
    bytes: usize,
    /// The sequence number of the newest event that can be replayed.
    last_sequence: u64,
    /// The highest sequence number that has been trimmed.
    trimmed: u64,
    /// The places of the retained events that brought their own ID.
    ids: HashMap<Bytes, u64>,
    keys: Keys,
}

#[derive(Clone, Debug)]
pub(super) struct Retention {
    pub(super) events: usize,
    pub(super) bytes: usize,
    pub(super) age: Option<Duration>,
    /// So many of the newest events of their keys are kept beyond the other bounds.
    pub(super) keys: usize,
}

struct Stored {
    frame: Frame,
    sequence: u64,
    published: Instant,
    /// A newer event has the same key.
    superseded: bool,
}

/// What a reader finds at its place.
pub(super) enum Read {
    Entry {
        frame: Frame,
        sequence: u64,
        superseded: bool,
    },
    /// It is at the end.
    CaughtUp,
    /// What stood there has been trimmed.
    Trimmed,
}

/// What a log knows of an event ID.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Located {
    /// Every event behind this point is retained.
    Retained(Point),
    /// The event was the log's, but events behind it have been trimmed.
    Trimmed {
        sequence: u64,
    },
    /// A cursor into another log.
    OtherEpoch,
    Unknown,
}

/// A point between two entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    /// The place of the entry behind it.
    pub(super) place: u64,
    /// The sequence number reached.
    pub(super) sequence: u64,
}

impl Log {
    pub(super) fn new(epoch: Epoch, retention: Retention) -> Self {
        Self {
            epoch,
            keys: Keys::new(Bounds { keys: retention.keys, bytes: retention.bytes }),
            retention,
            entries: VecDeque::new(),
            first: 0,
            bytes: 0,
            last_sequence: 0,
            trimmed: 0,
            ids: HashMap::new(),
        }
    }

    pub(super) fn append(&mut self, mut event: Unsequenced, now: Instant) -> Result<EventId, PublishError> {
        self.trim_aged(now);
        if event.len() > self.retention.bytes {
            return Err(PublishError::TooLong { len: event.len(), limit: self.retention.bytes });
        }
        let sequence = self.last_sequence + u64::from(!event.is_ephemeral());
        event.set_sequence(sequence);
        let frame = event.freeze();
        let id = self.register_id(&frame, Cursor { epoch: self.epoch, sequence })?;
        self.last_sequence = sequence;
        self.bytes += frame.stored_len();
        let superseded = self.keys.publish(&frame, self.end()).and_then(|place| self.index(place));
        if let Some(older) = superseded.and_then(|index| self.entries.get_mut(index)) {
            older.superseded = true;
        }
        self.entries.push_back(Stored { frame, sequence, published: now, superseded: false });
        while self.entries.len() > self.retention.events || self.bytes > self.retention.bytes {
            self.trim_oldest();
        }
        Ok(id)
    }

    /// The ID from which a client resumes behind `frame`.
    fn register_id(&mut self, frame: &Frame, cursor: Cursor) -> Result<EventId, PublishError> {
        let Some((shared, id)) = frame.own_id().zip(frame.id()) else {
            return Ok(cursor.into());
        };
        if id.len() > LastEventId::MAX_LEN {
            return Err(PublishError::Encode(EncodeError::new("id", EncodeErrorKind::TooLong)));
        }
        let id = EventId::from_legal(id.to_owned());
        let place = self.end();
        match self.ids.entry(shared) {
            Entry::Occupied(_) => Err(PublishError::DuplicateId { id }),
            Entry::Vacant(free) => {
                free.insert(place);
                Ok(id)
            }
        }
    }

    /// Drops what is too old at `now`.
    pub(super) fn trim_aged(&mut self, now: Instant) {
        let Some(age) = self.retention.age else { return };
        while self.entries.front().is_some_and(|entry| now.duration_since(entry.published) > age) {
            self.trim_oldest();
        }
    }

    fn trim_oldest(&mut self) {
        let Some(entry) = self.entries.pop_front() else {
            return;
        };
        self.first += 1;
        self.bytes -= entry.frame.stored_len();
        self.trimmed = entry.sequence;
        if let Some(id) = entry.frame.own_id() {
            self.ids.remove(&id);
        }
        self.keys.trim(entry.frame, self.first - 1);
    }

    pub(super) fn read(&self, place: u64) -> Read {
        if place < self.first {
            return Read::Trimmed;
        }
        match self.entry(place) {
            Some(Stored { frame, sequence, superseded, .. }) => {
                Read::Entry { frame: frame.clone(), sequence: *sequence, superseded: *superseded }
            }
            None => Read::CaughtUp,
        }
    }

    /// The first event from `place` up to `end` that is the newest of its key, and its place.
    pub(super) fn read_newest_of_key(&self, place: u64, end: u64) -> Option<(u64, Frame)> {
        if let Some((place, frame)) = self.keys.kept_from(place, end) {
            return Some((place, frame.clone()));
        }
        (place.max(self.first)..end).find_map(|place| {
            let Stored { frame, superseded, .. } = self.entry(place)?;
            let newest =
                frame.key().is_some() && !superseded && !frame.is_tombstone() && !frame.is_ephemeral();
            newest.then(|| (place, frame.clone()))
        })
    }

    /// How many keys have a newest event that is no tombstone.
    pub(super) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Finds the point behind the event that `id` names: an event's own ID, or a cursor.
    pub(super) fn locate(&self, id: &str) -> Located {
        if let Some(place) = self.ids.get(id.as_bytes()) {
            let sequence = self.entry(*place).map_or(self.last_sequence, |entry| entry.sequence);
            return Located::Retained(Point { place: place + 1, sequence });
        }
        match Cursor::parse(id) {
            None => Located::Unknown,
            Some(cursor) if cursor.epoch != self.epoch => Located::OtherEpoch,
            Some(Cursor { sequence, .. }) if sequence > self.last_sequence => Located::Unknown,
            Some(Cursor { sequence, .. }) if sequence < self.trimmed => Located::Trimmed { sequence },
            Some(Cursor { sequence, .. }) => Located::Retained(self.behind(sequence)),
        }
    }

    /// The point behind everything.
    pub(super) fn newest(&self) -> Point {
        Point { place: self.end(), sequence: self.last_sequence }
    }

    /// The point before everything that is retained.
    pub(super) fn oldest(&self) -> Point {
        Point { place: self.first, sequence: self.trimmed }
    }

    /// The point before the newest `n` events that can be replayed.
    pub(super) fn last(&self, n: u64) -> Point {
        self.behind(self.last_sequence.saturating_sub(n).max(self.trimmed))
    }

    /// The point behind the event of this sequence number.
    fn behind(&self, sequence: u64) -> Point {
        let index = self.entries.partition_point(|entry| entry.sequence <= sequence);
        Point { place: self.first + index as u64, sequence }
    }

    pub(super) fn cursor(&self, point: Point) -> Cursor {
        Cursor { epoch: self.epoch, sequence: point.sequence }
    }

    pub(super) fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    pub(super) fn next_sequence(&self) -> u64 {
        self.last_sequence + 1
    }

    fn entry(&self, place: u64) -> Option<&Stored> {
        self.entries.get(self.index(place)?)
    }

    fn index(&self, place: u64) -> Option<usize> {
        usize::try_from(place.checked_sub(self.first)?).ok()
    }
}
