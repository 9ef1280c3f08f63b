//! What a log finds: for readers, and for clients that come back.

use super::super::start::Start;
use super::{Cursor, Log, Mark, Origin, Point, Stored, Trims};
use crate::encode::Frame;
use crate::field::EventId;

/// What a reader finds at its place.
pub(crate) enum Read {
    Entry {
        frame: Frame,
        /// The point behind it.
        next: Point,
        /// Its number, or that of the event before it, in any log of its sequence.
        sequence: u64,
    },
    /// So many that newer ones of their keys have superseded, up to this point: nothing for a reader that coalesces.
    Superseded { events: u64, next: Point },
    /// It is at the end, which is here.
    CaughtUp(Point),
    /// The same, and nothing more will come.
    Finished(Point),
    /// Something that it should have read is lost.
    Trimmed,
}

/// What a log knows of the newest events of their keys behind a number.
pub(crate) enum State {
    /// The first of them.
    Event { sequence: u64, frame: Frame },
    /// None of so many, up to this number; that is as far as it looked.
    None { up_to: u64, events: u64 },
    /// None at all.
    End,
    /// One of them is lost.
    Lost,
}

/// So many entries are looked through before others get at the log.
const MAX_SEARCHED: usize = 1024;

impl Log {
    /// What comes next. A reader that coalesces misses nothing as long as the newest event of each key is kept.
    pub(crate) fn read(&self, at: Point, coalesce: bool) -> Read {
        // Nobody misses an ephemeral event that is gone.
        let passed = at.passed.max(self.passing.first());
        let passing = self.passing.get(passed);
        let (mut mark, mut reached) = (at.mark, at.mark.count);
        if mark.count < self.trimmed.count {
            if !coalesce || mark.sequence < self.lost.sequence || self.is_of_past_life(mark) {
                return Read::Trimmed;
            }
            match self.keys.kept_behind(mark.sequence) {
                Some(kept) if passing.is_none_or(|passing| passing.behind >= kept.mark.count) => {
                    let next = Point { mark: kept.mark, passed };
                    let (frame, sequence) = (kept.frame.clone(), kept.mark.sequence);
                    return Read::Entry { frame, next, sequence };
                }
                Some(kept) => reached = kept.mark.count,
                None => {
                    mark = self.trimmed;
                    reached = mark.count;
                }
            }
        }
        if let Some(passing) = passing.filter(|passing| passing.behind <= reached) {
            let next = Point { mark, passed: passed + 1 };
            let (frame, sequence) = (passing.frame.clone(), passing.sequence);
            return Read::Entry { frame, next, sequence };
        }
        let index = self.index(mark.count);
        match index.and_then(|index| self.events.get(index)) {
            Some(Stored { mark: first, superseded: true, .. }) if coalesce => {
                let until = passing.map_or(u64::MAX, |passing| passing.behind);
                let superseded = self.events.range(index.unwrap_or_default()..).take(MAX_SEARCHED);
                let superseded = superseded.take_while(|entry| entry.superseded && entry.mark.count <= until);
                let last = superseded.last().map_or(*first, |entry| entry.mark);
                Read::Superseded { events: last.count - mark.count, next: Point { mark: last, passed } }
            }
            Some(Stored { frame, mark, .. }) => {
                let next = Point { mark: *mark, passed };
                Read::Entry { frame: frame.clone(), next, sequence: mark.sequence }
            }
            None if self.finished => Read::Finished(Point { mark, passed }),
            None => Read::CaughtUp(Point { mark, passed }),
        }
    }

    /// The same for one that does not coalesce, where it finds an event that can be replayed: what most find, without what
    /// others need. Takes the point behind it.
    pub(crate) fn read_along(&self, at: &mut Point) -> Option<&Frame> {
        if self.passing.end() > at.passed {
            return None;
        }
        let Stored { frame, mark, .. } = self.events.get(self.index(at.mark.count)?)?;
        at.mark = *mark;
        Some(frame)
    }

    /// The first event behind one number and up to another that is the newest of its key.
    pub(crate) fn read_state(&self, behind: u64, up_to: u64) -> State {
        if !self.has_state_behind(behind) {
            return State::Lost;
        }
        if let Some(kept) = self.keys.state_behind(behind).filter(|kept| kept.mark.sequence <= up_to) {
            return State::Event { sequence: kept.mark.sequence, frame: kept.frame.clone() };
        }
        let from = self.events.partition_point(|entry| entry.mark.sequence <= behind);
        let mut last = None;
        for Stored { frame, mark, superseded, .. } in self.events.range(from..).take(MAX_SEARCHED) {
            if mark.sequence > up_to {
                return State::End;
            }
            if frame.key().is_some() && !superseded && !frame.is_tombstone() {
                return State::Event { sequence: mark.sequence, frame: frame.clone() };
            }
            last = Some(mark.sequence);
        }
        match last {
            Some(last) if from + MAX_SEARCHED < self.events.len() => {
                State::None { up_to: last, events: MAX_SEARCHED as u64 }
            }
            _ => State::End,
        }
    }

    /// Where one stands that has nothing of the newest events of their keys: all of them lie behind this number.
    pub(crate) fn state(&self) -> u64 {
        self.keys.dropped()
    }

    /// Whether nothing of them was let go behind this number. Of one that was published when the state was taken already, that is
    /// told behind it.
    pub(crate) fn has_state_behind(&self, behind: u64) -> bool {
        self.keys.dropped() <= behind
    }

    /// How many keys have a newest event that is no tombstone.
    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// The point from which a client goes on that has everything up to this number; `None` if something behind it is lost.
    pub(crate) fn resume(&self, sequence: u64, coalesce: bool) -> Option<Mark> {
        if sequence >= self.trimmed.sequence {
            return Some(self.mark_at(sequence));
        }
        // What it would have skipped anyway is no loss.
        let is_there = coalesce && sequence >= self.lost.sequence || self.is_stored_behind(sequence);
        is_there.then_some(self.stored_mark(sequence))
    }

    /// How many of the log's events lie up to this number, if that can be known.
    pub(crate) fn seen(&self, sequence: u64) -> Option<u64> {
        (!self.shared).then_some(sequence)
    }

    /// How far one is that has everything up to this number, or all that is trimmed.
    pub(crate) fn mark_at(&self, sequence: u64) -> Mark {
        let mark = self.behind(|mark| mark.sequence <= sequence);
        Mark { sequence: sequence.max(mark.sequence), ..mark }
    }

    /// Where a client begins that began when this number was the highest in use. What was trimmed since may be kept for its key.
    pub(crate) fn start(&self, start: Start, at: u64, coalesce: bool) -> Mark {
        match start {
            Start::Live | Start::LatestPerKey | Start::Last(0) => {
                self.resume(at, coalesce).unwrap_or_else(|| self.mark_at(at))
            }
            Start::Earliest => {
                // One that coalesces lacks nothing of a store that the window does not have, where that has lost nothing.
                let before = self.before_window().filter(|_| !(coalesce && self.has_lost_nothing()));
                self.not_before_store(before.unwrap_or_else(|| self.oldest(0, coalesce)), coalesce)
            }
            Start::Last(n) => {
                let before = self.count_at(at).saturating_sub(n as u64);
                if before < self.trimmed.count {
                    return self.not_before_store(self.oldest(before, coalesce), coalesce);
                }
                self.not_before_store(self.behind(|mark| mark.count <= before), coalesce)
            }
        }
    }

    /// A window may hold what the store has let go of. To who begins there, it is gone: who was told so may have had it before.
    fn not_before_store(&self, mark: Mark, coalesce: bool) -> Mark {
        let from = self.stored_from.filter(|from| !coalesce && *from > mark.sequence);
        from.map_or(mark, |from| self.mark_at(from))
    }

    /// In front of the oldest event that is there and has so many before it; for one that coalesces, what is kept for its key is
    /// there, too, where nothing is lost behind it.
    fn oldest(&self, before: u64, coalesce: bool) -> Mark {
        let kept = self.keys.kept(self.lost.sequence).find(|kept| kept.count > before).filter(|_| coalesce);
        kept.map_or(self.trimmed, |Mark { sequence, count }| Mark {
            sequence: sequence - 1,
            count: count - 1,
        })
    }

    /// How many events lie up to this number; at the least, where those are trimmed.
    pub(crate) fn count_at(&self, sequence: u64) -> u64 {
        if sequence >= self.trimmed.sequence {
            return self.mark_at(sequence).count;
        }
        let kept = || self.keys.kept(0).chain([self.begun, self.lost]);
        let at_least = || kept().filter(|mark| mark.sequence <= sequence).map(|mark| mark.count).max();
        self.seen(sequence).or_else(at_least).unwrap_or_default()
    }

    /// Whether nothing of it was ever lost.
    pub(crate) fn is_whole(&self, coalesce: bool) -> bool {
        let nothing_lost = self.has_lost_nothing();
        // Nobody but who coalesces begins with what a window still has, and the store has not.
        let has_all = self.trimmed.count == self.past_lives && (coalesce || self.counts());
        has_all || coalesce && nothing_lost || self.store_has_all()
    }

    /// Whether all that it let go was superseded, or is kept for its key.
    fn has_lost_nothing(&self) -> bool {
        self.lost == self.begun && self.begun.count == self.past_lives
    }

    /// How many events behind this are replayed.
    pub(crate) fn left(&self, mark: Mark) -> u64 {
        if mark.count >= self.trimmed.count {
            return self.last.count - mark.count;
        }
        self.keys.count_behind(mark.sequence) + self.events.len() as u64
    }

    /// The newest event.
    pub(crate) const fn newest(&self) -> Mark {
        self.last
    }

    /// The newest event that is no longer retained.
    pub(crate) const fn trimmed(&self) -> Mark {
        self.trimmed
    }

    /// How many events had been trimmed in all logs of the sequence when this one let something go, last.
    pub(crate) const fn trims(&self) -> Trims {
        self.trims
    }

    /// Whether nothing is lost to a client that stands here.
    pub(crate) fn has_all_behind(&self, mark: Mark, coalesce: bool) -> bool {
        let is_kept = coalesce && mark.sequence >= self.lost.sequence && !self.is_of_past_life(mark);
        mark.count >= self.trimmed.count || is_kept || self.is_stored_behind_mark(mark)
    }

    /// Where one goes on that takes its place once it is forgotten.
    pub(crate) fn origin(&self) -> Origin {
        let had_keys = self.keys.len() > 0;
        let had_any = had_keys || !self.events.is_empty();
        let own = self.own_name(self.last).map(|own| self.epoch.hash(own.as_str()));
        let own = own.or_else(|| self.begun_behind.filter(|_| self.last == self.begun));
        Origin { mark: self.last, log: Some(self.id), trims: self.trims, had_any, had_keys, own }
    }

    /// The number of the event behind which it began, if this is its own ID: the newest of the one that was forgotten.
    pub(crate) fn begun_behind(&self, id: &str) -> Option<u64> {
        (self.begun_behind? == self.epoch.hash(id)).then_some(self.begun.sequence)
    }

    /// Where it begins, if it never had an event, nor had the one that was forgotten, as far as is known.
    pub(crate) fn begins_empty(&self) -> Option<u64> {
        (self.last.count == self.past_lives).then_some(self.last.sequence)
    }

    /// The newest event that is lost, though nothing has superseded it.
    pub(crate) fn lost(&self) -> Mark {
        match self.stored_from {
            Some(from) if from < self.lost.sequence => self.gone(),
            _ => self.lost,
        }
    }

    /// The point that has everything live in front of it from now on.
    pub(crate) fn point(&self, mark: Mark) -> Point {
        Point { mark, passed: self.passing.end() }
    }

    pub(crate) const fn is_finished(&self) -> bool {
        self.finished
    }

    /// What stands for a place on the wire: the own ID of the event before it, else a cursor.
    pub(crate) fn name(&self, mark: Mark) -> EventId {
        self.own_name(mark).unwrap_or_else(|| Cursor::at(self.epoch, mark.sequence).into())
    }

    /// The own ID of the event right before a place, if it has one.
    pub(crate) fn own_name(&self, mark: Mark) -> Option<EventId> {
        let own = match self.at(mark) {
            Some(frame) => frame.own_id(),
            None if mark == self.trimmed => self.boundary.as_deref().map(bytes::Bytes::copy_from_slice),
            None => None,
        };
        own.and_then(|own| EventId::new(std::str::from_utf8(&own).ok()?).ok())
    }

    /// The event that lies right before a place.
    pub(crate) fn at(&self, mark: Mark) -> Option<&Frame> {
        let entry = self.events.get(self.index(mark.count.checked_sub(1)?)?)?;
        (entry.mark == mark).then_some(&entry.frame)
    }

    /// The number of what would go next to make room.
    pub(crate) fn oldest_sequence(&self) -> Option<u64> {
        let oldest = self.events.front().map(|entry| entry.mark.sequence);
        oldest
            .or_else(|| self.keys.oldest())
            .or_else(|| (self.passing.len() > 0).then_some(self.last.sequence))
    }

    /// About how many bytes so many events have; at least one.
    pub(crate) fn estimate(&self, events: u64) -> u64 {
        let average = self.bytes.checked_div(self.events.len()).unwrap_or_default() as u64;
        events.saturating_mul(average).max(1)
    }

    /// How many of the events up to here are retained.
    pub(crate) fn retained_before(&self, mark: Mark) -> u64 {
        mark.count.saturating_sub(self.trimmed.count)
    }

    /// So many events can come before one that is retained now may be gone.
    pub(crate) fn horizon(&self) -> u64 {
        let events = self.events.len() as u64;
        if self.trimmed.count > self.begun.count {
            return events;
        }
        let by_bytes = (self.retention.bytes as u64 / self.estimate(1)).max(events);
        by_bytes.min(self.retention.events as u64)
    }

    /// How far one is that has the retained events that are `in_front`.
    fn behind(&self, in_front: impl Fn(&Mark) -> bool) -> Mark {
        let index = self.events.partition_point(|entry| in_front(&entry.mark));
        let entry = index.checked_sub(1).and_then(|index| self.events.get(index));
        entry.map_or(self.trimmed, |entry| entry.mark)
    }
}
