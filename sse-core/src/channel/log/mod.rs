//! The log itself: plain data, told the time, without locks or wakers.

mod budget;
mod cursor;
mod find;
mod ids;
mod keys;
mod passing;
mod point;
mod retention;
mod sequencer;
mod window;

use std::collections::VecDeque;

pub(crate) use crate::store::Epoch;
pub(crate) use budget::{Budget, LastUsed, Tenant};
pub(crate) use cursor::{Cursor, Stand};
pub(crate) use find::{Read, State};
pub(crate) use ids::LogId;
use ids::{Duplicate, Ids};
use passing::{Passed, Passing};
pub(crate) use point::{Mark, Point};
pub(crate) use retention::Retention;
pub(crate) use sequencer::{Located, Place, Sequencer, Turn};
use tokio::time::Instant;
pub(crate) use window::Ground;

use super::error::PublishError;
use crate::encode::{Frame, Unsequenced};
use crate::field::EventId;
use keys::{Bounds, Keys};

/// Frames in the order they were published.
///
/// Events that can be replayed have a *sequence number*, counted from 1 over those of this log or, if it shares its numbers
/// with others, of all of them. Ephemeral events have none, and are kept beside them within a bound of their own.
pub(crate) struct Log {
    id: LogId,
    epoch: Epoch,
    retention: Retention,
    /// Those that can be replayed.
    events: VecDeque<Stored>,
    /// Those that are live only.
    passing: Passing,
    /// Of `events`.
    bytes: usize,
    /// Of all that were ever appended.
    published_bytes: u64,
    /// Where it began: behind the events of a log of this name that is gone.
    begun: Mark,
    /// The own ID of the event before that, as [`Epoch::hash`] has it.
    begun_behind: Option<u64>,
    /// The newest event.
    last: Mark,
    /// The newest event that has been trimmed.
    trimmed: Mark,
    /// The own ID of that event.
    boundary: Option<Box<[u8]>>,
    trims: Trims,
    /// The newest event that is lost, though no newer one of its key has superseded it.
    lost: Mark,
    /// Whether the sequence numbers are shared with other logs, so that they have gaps here.
    shared: bool,
    keys: Keys,
    /// Nothing more will come.
    finished: bool,
    /// Of a window onto a stored log: up to this position, the store has nothing any more. What lies between that and the window
    /// is read there.
    stored_from: Option<u64>,
    /// Of a window, so many events are counted that are of other lives of the stored log.
    past_lives: u64,
    /// Of a window, where its topic was closed before this life of it.
    closed: u64,
}

struct Stored {
    frame: Frame,
    mark: Mark,
    published: Instant,
    /// A newer event has the same key.
    superseded: bool,
}

/// How many events had been trimmed in all logs of a sequence when one of them let something go, last. With that, who knows how many
/// there were when it began knows whether it lost any of what it began with. What was kept for its key alone counts, too, once that
/// is let go.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trims {
    /// An event, whether it is kept for its key or not.
    pub(crate) event: u64,
    /// What nothing has superseded: lost to one that coalesces, too.
    pub(crate) lost: u64,
    /// The newest event of a key, other than a tombstone.
    pub(crate) key: u64,
}

/// What is known of the log of its name that was there before, and was forgotten.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Origin {
    /// Its newest event, or where that may have been.
    pub(crate) mark: Mark,
    /// Its number, which this one takes over: the IDs of its clients mean this one.
    pub(crate) log: Option<LogId>,
    pub(crate) trims: Trims,
    /// It had events that are trimmed no later than it is forgotten, or keys.
    pub(crate) had_any: bool,
    /// It knew the newest event of some key.
    pub(crate) had_keys: bool,
    /// The own ID of its newest event, as [`Epoch::hash`] has it.
    pub(crate) own: Option<u64>,
}

/// How much a log has and had.
pub(crate) struct Volume {
    pub(crate) retained: u64,
    pub(crate) retained_bytes: u64,
    pub(crate) published: u64,
    pub(crate) published_bytes: u64,
}

impl Log {
    /// The only log of its sequence.
    pub(crate) fn new(epoch: Epoch, retention: Retention, turn: &mut Turn<'_>) -> Self {
        Self::begin(epoch, retention, turn, Origin::default(), false)
    }

    /// A log that shares its sequence numbers with others begins where the one of its name ended before it, or where it
    /// may have: an ID from before names an event that is gone.
    pub(crate) fn begun(epoch: Epoch, retention: Retention, turn: &mut Turn<'_>, origin: Origin) -> Self {
        Self::begin(epoch, retention, turn, origin, true)
    }

    fn begin(
        epoch: Epoch,
        retention: Retention,
        turn: &mut Turn<'_>,
        Origin { mark, log, trims, had_any, had_keys, own }: Origin,
        shared: bool,
    ) -> Self {
        let now = if mark.count > 0 { turn.ids().trims() } else { 0 };
        Self {
            id: log.unwrap_or_else(|| turn.ids().log()),
            // What lay before was trimmed at the latest now.
            trims: Trims {
                event: if had_any { now } else { trims.event },
                lost: if had_any { now } else { trims.lost },
                key: if had_keys { now } else { trims.key },
            },
            epoch,
            keys: Keys::new(Bounds { keys: retention.keys, bytes: retention.bytes }),
            passing: Passing::new(retention.ephemeral, retention.bytes),
            retention,
            events: VecDeque::new(),
            bytes: 0,
            published_bytes: 0,
            begun: mark,
            begun_behind: own,
            last: mark,
            trimmed: mark,
            boundary: None,
            lost: mark,
            shared,
            finished: false,
            stored_from: None,
            past_lives: 0,
            closed: 0,
        }
    }

    /// Appends an event, with the next sequence number unless it is ephemeral. It can be read once the turn says that its
    /// number is used.
    pub(crate) fn append(
        &mut self,
        mut event: Unsequenced,
        turn: &mut Turn<'_>,
        now: Instant,
    ) -> Result<Appended, PublishError> {
        number(&mut event, turn.last());
        self.check(&event, turn)?;
        self.trim_aged(now, turn);
        let sequence = turn.last() + u64::from(!event.is_ephemeral());
        Ok(self.store(event.freeze(), sequence, turn, now))
    }

    /// Appends all of these, or none.
    pub(crate) fn append_all(
        &mut self,
        mut events: Vec<Unsequenced>,
        turn: &mut Turn<'_>,
        now: Instant,
        mut used: impl FnMut(&Self, &mut Turn<'_>, &Appended) -> EventId,
    ) -> Result<Vec<EventId>, PublishError> {
        let mut named = std::collections::HashSet::new();
        let mut last = turn.last();
        let mut has_ended = false;
        for event in &mut events {
            // Nothing gets behind the end, of one turn either.
            if std::mem::replace(&mut has_ended, event.is_terminal()) {
                return Err(PublishError::Finished);
            }
            last = number(event, last);
            self.check(event, turn)?;
            if let Some(id) = event.own_id().filter(|id| !named.insert(*id)) {
                return Err(PublishError::DuplicateId { id: EventId::from_legal(id.to_owned()) });
            }
        }
        self.trim_aged(now, turn);
        let store = |event: Unsequenced| {
            let sequence = turn.last() + u64::from(!event.is_ephemeral());
            let appended = self.store(event.freeze(), sequence, turn, now);
            used(self, turn, &appended)
        };
        Ok(events.into_iter().map(store).collect())
    }

    /// Of an event that has its number: its length depends on it.
    pub(crate) fn check(&self, event: &Unsequenced, turn: &mut Turn<'_>) -> Result<(), PublishError> {
        if self.finished {
            return Err(PublishError::Finished);
        }
        self.retention.check(event, self.epoch)?;
        match event.own_id().filter(|id| turn.ids().is_retained(id.as_bytes(), self.id)) {
            Some(id) => Err(PublishError::DuplicateId { id: EventId::from_legal(id.to_owned()) }),
            None => Ok(()),
        }
    }

    fn store(&mut self, frame: Frame, sequence: u64, turn: &mut Turn<'_>, now: Instant) -> Appended {
        let ephemeral = frame.is_ephemeral();
        self.finished |= frame.is_terminal();
        self.published_bytes += frame.stored_len() as u64;
        if ephemeral {
            self.passing.push(Passed { frame, behind: self.last.count, sequence, published: now });
            return Appended { sequence, own: None, ephemeral };
        }
        let mark = Mark { sequence, count: self.last.count + 1 };
        let own = frame.own_id().zip(frame.id()).map(|(bytes, id)| {
            // It was checked that this log retains no other.
            let _: Result<(), Duplicate> = turn.ids().name(&bytes, self.id, sequence);
            EventId::from_legal(id.to_owned())
        });
        self.last = mark;
        self.bytes += frame.stored_len();
        let superseded = self.keys.publish(&frame, mark).and_then(|count| self.index(count.checked_sub(1)?));
        self.remember_let_go(turn.ids());
        if let Some(older) = superseded.and_then(|index| self.events.get_mut(index)) {
            older.superseded = true;
        }
        self.events.push_back(Stored { frame, mark, published: now, superseded: false });
        while self.events.len() > self.retention.events || self.bytes > self.retention.bytes {
            self.trim_oldest(turn.ids());
        }
        Appended { sequence, own, ephemeral }
    }

    pub(crate) const fn id(&self) -> LogId {
        self.id
    }

    /// Whether something is too old at `now`.
    pub(crate) fn has_aged(&self, now: Instant) -> bool {
        let oldest = self.events.front();
        let age = oldest.zip(self.retention.age);
        age.is_some_and(|(entry, age)| now.duration_since(entry.published) > age)
    }

    /// Drops what is too old at `now`.
    pub(crate) fn trim_aged(&mut self, now: Instant, turn: &mut Turn<'_>) {
        while self.has_aged(now) {
            self.trim_oldest(turn.ids());
        }
        if let Some(age) = self.retention.age {
            self.passing.trim_aged(now, age);
        }
    }

    /// Drops its oldest event, to make room for those of other logs; what it keeps beyond them goes last.
    pub(crate) fn make_room(&mut self, turn: &mut Turn<'_>) {
        if !self.events.is_empty() {
            self.trim_oldest(turn.ids());
        } else if let Some(lost) = self.keys.drop_quietest() {
            let trims = self.note_trim(turn.ids());
            self.lose(lost, trims);
            self.remember_let_go(turn.ids());
        } else {
            self.passing.clear();
        }
    }

    fn trim_oldest(&mut self, ids: &mut Ids) {
        let Some(Stored { frame, mark, .. }) = self.events.pop_front() else { return };
        self.bytes -= frame.stored_len();
        let boundary = std::mem::replace(&mut self.trimmed, mark);
        self.trims.event = self.note_trim(ids);
        let own = frame.own_id();
        if let Some(id) = &own {
            ids.trim(id, self.id);
        }
        let before = std::mem::replace(&mut self.boundary, own.map(|id| Box::from(&*id)));
        // What is kept is known for as long.
        if let Some(id) = before.filter(|_| !self.keys.keeps(boundary.sequence)) {
            ids.remember(id, self.id);
        }
        if let Some(lost) = self.keys.trim(&frame, mark) {
            let trims = self.trims.event + u64::from(self.stored_from.is_some());
            self.lose(lost, trims);
        }
        self.remember_let_go(ids);
    }

    /// Something is lost that nothing has superseded, up to this number, with so many trimmed in all logs.
    fn lose(&mut self, lost: Mark, trims: u64) {
        self.lost = self.lost.max(lost);
        // Of a window, the store has it still.
        if self.stored_from.is_none() {
            self.trims.lost = trims;
        }
        // What is let go at once is of one kind.
        if lost.sequence == self.keys.dropped() {
            self.trims.key = trims;
        }
    }

    /// Of what is not kept any more, unless it is the newest that was trimmed.
    fn remember_let_go(&mut self, ids: &mut Ids) {
        for (id, sequence) in self.keys.take_let_go() {
            if sequence != self.trimmed.sequence {
                ids.remember(Box::from(&*id), self.id);
            }
        }
    }

    /// The log is gone. What its events are named is remembered for the other logs of its sequence.
    pub(crate) fn forget(&mut self, turn: &mut Turn<'_>) {
        let ids = turn.ids();
        while !self.events.is_empty() {
            self.trim_oldest(ids);
        }
        while self.keys.drop_quietest().is_some() {
            ids.note_trim();
        }
        self.remember_let_go(ids);
        if let Some(id) = self.boundary.take() {
            ids.remember(id, self.id);
        }
    }

    /// Takes nothing more. Whether it did until now.
    pub(crate) fn finish(&mut self) -> bool {
        !std::mem::replace(&mut self.finished, true)
    }

    /// How many entries and bytes are retained, and how many there have been.
    pub(crate) fn volume(&self) -> Volume {
        Volume {
            retained: (self.events.len() + self.passing.len()) as u64,
            retained_bytes: (self.bytes + self.passing.bytes()) as u64,
            published: self.last.count - self.begun.count + self.passing.end(),
            published_bytes: self.published_bytes,
        }
    }

    /// All the bytes that it holds.
    pub(crate) fn held_bytes(&self) -> usize {
        self.bytes + self.passing.bytes() + self.keys.bytes()
    }

    /// How many have been appended or lay before: where the end is.
    pub(crate) fn end(&self) -> u64 {
        self.last.count + self.passing.end()
    }

    /// Where the event is that so many lie before.
    fn index(&self, before: u64) -> Option<usize> {
        usize::try_from(before.checked_sub(self.trimmed.count)?).ok()
    }
}

/// What became of an event.
pub(crate) struct Appended {
    /// Its number, or that of the event before it.
    pub(crate) sequence: u64,
    /// The ID that it brought.
    pub(crate) own: Option<EventId>,
    pub(crate) ephemeral: bool,
}

/// Gives an event the number behind the last, or that one if it is ephemeral.
fn number(event: &mut Unsequenced, last: u64) -> u64 {
    let sequence = last + u64::from(!event.is_ephemeral());
    event.set_sequence(sequence);
    sequence
}
