//! The log itself: plain data, told the time, without locks or wakers.

mod cursor;
mod keys;
mod sequencer;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
pub(crate) use cursor::{Cursor, Epoch};
pub(crate) use sequencer::Sequencer;
use tokio::time::Instant;

use super::error::PublishError;
use crate::encode::{Frame, Unsequenced};
use crate::field::{EncodeError, EncodeErrorKind, EventId, LastEventId};
use keys::{Bounds, Keys};

/// Frames in the order they were published.
///
/// Each entry has a *place*, counted from 0 over all entries, and a *sequence number*, counted from 1 over the events
/// that can be replayed: those of this log or, if it shares its numbers with others, those of all of them. An ephemeral
/// event takes a place, and shares the sequence number of the event before it.
pub(crate) struct Log {
    epoch: Epoch,
    retention: Retention,
    entries: VecDeque<Stored>,
    /// The place of the oldest entry.
    first: u64,
    bytes: usize,
    /// Of all that were ever appended.
    published_bytes: u64,
    /// The newest event that can be replayed.
    last: Mark,
    /// The newest such event that has been trimmed.
    trimmed: Mark,
    /// Whether the sequence numbers are shared with other logs, so that they have gaps here.
    shared: bool,
    /// The places of the retained events that brought their own ID.
    ids: HashMap<Bytes, u64>,
    keys: Keys,
}

#[derive(Clone, Debug)]
pub(crate) struct Retention {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
    /// The most that a single one can have.
    pub(crate) event_bytes: usize,
    pub(crate) age: Option<Duration>,
    /// So many of the newest events of their keys are kept beyond the other bounds.
    pub(crate) keys: usize,
}

struct Stored {
    frame: Frame,
    mark: Mark,
    published: Instant,
    /// A newer event has the same key.
    superseded: bool,
}

/// How much a log has and had.
pub(crate) struct Volume {
    pub(crate) retained: u64,
    pub(crate) retained_bytes: u64,
    pub(crate) published: u64,
    pub(crate) published_bytes: u64,
}

/// What a reader finds at its place.
pub(crate) enum Read {
    Entry {
        frame: Frame,
        /// The point behind it.
        next: Point,
        superseded: bool,
    },
    /// It is at the end.
    CaughtUp,
    /// What stood there has been trimmed.
    Trimmed,
}

/// What a log knows of the newest events of their keys from a place on.
pub(crate) enum NewestOfKey {
    /// The first of them.
    Event { place: u64, sequence: u64, frame: Frame },
    /// None before this place; that is as far as it looked.
    None { before: u64 },
    /// None at all.
    End,
}

/// So many entries are looked through before others get at the log.
const MAX_SEARCHED: u64 = 1024;

/// What a log knows of an event ID.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Located {
    /// Every event behind this point is retained.
    Retained(Point),
    /// The event was the log's, but events behind it have been trimmed.
    Trimmed {
        /// How many of the log's events the client had seen, if that can be known.
        seen: Option<u64>,
    },
    /// A cursor into another log.
    OtherEpoch,
    Unknown,
}

/// A point between two entries. The default is the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Point {
    /// The place of the entry behind it.
    pub(crate) place: u64,
    pub(crate) mark: Mark,
}

/// How far one is in the events that can be replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The sequence number reached.
    pub(crate) sequence: u64,
    /// How many of this log's events that is.
    pub(crate) count: u64,
}

impl Log {
    /// A log that shares its sequence numbers with others begins behind those in use: an ID from before may name an
    /// event of a log of this name that is gone.
    pub(crate) fn new(epoch: Epoch, retention: Retention, shared_from: Option<u64>) -> Self {
        let mark = Mark { sequence: shared_from.unwrap_or_default(), count: 0 };
        Self {
            epoch,
            keys: Keys::new(Bounds { keys: retention.keys, bytes: retention.bytes }),
            retention,
            entries: VecDeque::new(),
            first: 0,
            bytes: 0,
            published_bytes: 0,
            last: mark,
            trimmed: mark,
            shared: shared_from.is_some(),
            ids: HashMap::new(),
        }
    }

    /// Appends an event as the one of this sequence number, or, if it is ephemeral, behind it.
    pub(crate) fn append(
        &mut self,
        mut event: Unsequenced,
        sequence: u64,
        now: Instant,
    ) -> Result<EventId, PublishError> {
        self.trim_aged(now);
        let count = self.last.count + u64::from(!event.is_ephemeral());
        event.set_sequence(sequence);
        let limit = self.retention.bytes.min(self.retention.event_bytes);
        if event.len() > limit {
            return Err(PublishError::TooLong { len: event.len(), limit });
        }
        let frame = event.freeze();
        let id = self.register_id(&frame, Cursor { epoch: self.epoch, sequence })?;
        let mark = Mark { sequence, count };
        self.last = mark;
        self.bytes += frame.stored_len();
        self.published_bytes += frame.stored_len() as u64;
        let superseded = self.keys.publish(&frame, self.end()).and_then(|place| self.index(place));
        if let Some(older) = superseded.and_then(|index| self.entries.get_mut(index)) {
            older.superseded = true;
        }
        self.entries.push_back(Stored { frame, mark, published: now, superseded: false });
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
        check_returns(id).map_err(PublishError::Encode)?;
        let is_cursor = Cursor::parse(id).is_some_and(|cursor| cursor.epoch == self.epoch);
        let id = EventId::from_legal(id.to_owned());
        if is_cursor {
            return Err(PublishError::CursorId { id });
        }
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
    pub(crate) fn trim_aged(&mut self, now: Instant) {
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
        // Nobody misses an ephemeral event, and its number is that of an event of any log.
        if !entry.frame.is_ephemeral() {
            self.trimmed = entry.mark;
        }
        if let Some(id) = entry.frame.own_id() {
            self.ids.remove(&id);
        }
        self.keys.trim(entry.frame, self.first - 1, entry.mark.sequence);
    }

    pub(crate) fn read(&self, place: u64) -> Read {
        if place < self.first {
            return Read::Trimmed;
        }
        match self.entry(place) {
            Some(Stored { frame, mark, superseded, .. }) => {
                let next = Point { place: place + 1, mark: *mark };
                Read::Entry { frame: frame.clone(), next, superseded: *superseded }
            }
            None => Read::CaughtUp,
        }
    }

    /// The first event from `place` up to `end` that is the newest of its key.
    pub(crate) fn read_newest_of_key(&self, place: u64, end: u64) -> NewestOfKey {
        if let Some((place, sequence, frame)) = self.keys.kept_from(place, end) {
            return NewestOfKey::Event { place, sequence, frame: frame.clone() };
        }
        let from = place.max(self.first);
        let before = end.min(from + MAX_SEARCHED);
        let found = (from..before).find_map(|place| {
            let Stored { frame, superseded, mark, .. } = self.entry(place)?;
            let newest =
                frame.key().is_some() && !superseded && !frame.is_tombstone() && !frame.is_ephemeral();
            newest.then(|| NewestOfKey::Event { place, sequence: mark.sequence, frame: frame.clone() })
        });
        found.unwrap_or(if before < end { NewestOfKey::None { before } } else { NewestOfKey::End })
    }

    /// How many keys have a newest event that is no tombstone.
    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Finds the point behind the event that `id` names: an event's own ID, or a cursor. `newest` is the highest
    /// sequence number in use.
    pub(crate) fn locate(&self, id: &str, newest: u64) -> Located {
        if let Some(place) = self.ids.get(id.as_bytes()) {
            let mark = self.entry(*place).map_or(self.last, |entry| entry.mark);
            return Located::Retained(Point { place: place + 1, mark });
        }
        match Cursor::parse(id) {
            None => Located::Unknown,
            Some(cursor) if cursor.epoch != self.epoch => Located::OtherEpoch,
            Some(Cursor { sequence, .. }) if sequence > newest => Located::Unknown,
            Some(Cursor { sequence, .. }) if sequence < self.trimmed.sequence => {
                Located::Trimmed { seen: (!self.shared).then_some(sequence) }
            }
            Some(Cursor { sequence, .. }) => {
                let point = self.behind(|mark| mark.sequence <= sequence);
                Located::Retained(Point { mark: Mark { sequence, ..point.mark }, ..point })
            }
        }
    }

    /// The sequence number of the retained event that brought this ID.
    pub(crate) fn sequence_of(&self, id: &str) -> Option<u64> {
        Some(self.entry(*self.ids.get(id.as_bytes())?)?.mark.sequence)
    }

    /// The point behind everything.
    pub(crate) fn newest(&self) -> Point {
        Point { place: self.end(), mark: self.last }
    }

    /// The point before everything that is retained.
    pub(crate) fn oldest(&self) -> Point {
        Point { place: self.first, mark: self.trimmed }
    }

    /// The point before the newest `n` events that can be replayed.
    pub(crate) fn last(&self, n: u64) -> Point {
        let before = self.last.count.saturating_sub(n);
        self.behind(|mark| mark.count <= before)
    }

    /// The point behind the retained entries that are `in_front`.
    fn behind(&self, in_front: impl Fn(&Mark) -> bool) -> Point {
        let index = self.entries.partition_point(|entry| in_front(&entry.mark));
        let entry = index.checked_sub(1).and_then(|index| self.entries.get(index));
        Point { place: self.first + index as u64, mark: entry.map_or(self.trimmed, |entry| entry.mark) }
    }

    /// About how many bytes so many events have; at least one.
    pub(crate) fn estimate(&self, events: u64) -> u64 {
        let average = self.bytes.checked_div(self.entries.len()).unwrap_or_default() as u64;
        events.saturating_mul(average).max(1)
    }

    /// How many entries and bytes are retained, and how many there have been.
    pub(crate) fn volume(&self) -> Volume {
        Volume {
            retained: self.entries.len() as u64,
            retained_bytes: self.bytes as u64,
            published: self.end(),
            published_bytes: self.published_bytes,
        }
    }

    pub(crate) fn cursor(&self, point: Point) -> Cursor {
        Cursor { epoch: self.epoch, sequence: point.mark.sequence }
    }

    pub(crate) fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    fn entry(&self, place: u64) -> Option<&Stored> {
        self.entries.get(self.index(place)?)
    }

    fn index(&self, place: u64) -> Option<usize> {
        usize::try_from(place.checked_sub(self.first)?).ok()
    }
}

/// What a client could not send back as it is in a `Last-Event-ID` header, or what would not be read there.
fn check_returns(id: &str) -> Result<(), EncodeError> {
    if id.len() > LastEventId::MAX_LEN {
        return Err(EncodeError::new("id", EncodeErrorKind::TooLong));
    }
    // RFC 9110, section 5.5: a field value has no white space around it, and no control characters but the tab.
    let trimmed = id.trim_matches([' ', '\t']) != id;
    if trimmed || id.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
        return Err(EncodeError::new("id", EncodeErrorKind::NotReturnable));
    }
    Ok(())
}
