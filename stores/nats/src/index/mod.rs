//! What a process knows of a log: where its records lie, and what becomes of the next message.
//!
//! Every process applies the same messages, in the order of the stream, by the same rules. So all come to the same verdict, and the
//! server need not know what an own ID, a token or a finished topic is.

mod checkpoint;
mod producers;
#[cfg(test)]
mod tests;
mod topic;
mod verdict;

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use typed_sse_core::store::{Bounds, Epoch, Range, Record, RecordKind, Token};

pub(crate) use checkpoint::{Checkpoint, Head, VERSION};
pub(crate) use verdict::{Refusal, Verdict};

use crate::limits::Limits;
use crate::message::MOST_RECORDS;
use producers::Producers;
use topic::{Entry, Topic};
use verdict::Staged;

/// A position is the sequence of the message and the number of the record in it.
const BITS: u32 = 16;

const fn position(sequence: u64, number: usize) -> u64 {
    (sequence << BITS) | number as u64
}

pub(crate) const fn sequence_of(position: u64) -> u64 {
    position >> BITS
}

pub(crate) const fn number_of(position: u64) -> usize {
    (position & ((1 << BITS) - 1)) as usize
}

/// Where a record lies, and when it was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) position: u64,
    at: u64,
}

impl Place {
    pub(crate) fn at(self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.at)
    }
}

#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) epoch: Epoch,
    /// Where this life begins. What lies before it came in another.
    pub(crate) life: u64,
    /// All messages up to this one are in it.
    pub(crate) applied: u64,
    pub(crate) limits: Option<Limits>,
    pub(crate) head: Option<Head>,
    /// The first message that says something, where there is no checkpoint yet.
    oldest: u64,
    last: u64,
    trimmed: u64,
    keys_trimmed: u64,
    names: HashMap<Box<str>, u32>,
    topics: Vec<Topic>,
    /// The topic of each record.
    retained: BTreeMap<u64, u32>,
    /// The same, of those that are trimmed and still the newest of their key.
    kept: BTreeMap<u64, u32>,
    producers: Producers,
    /// Messages that changed nothing: whoever begins anew does not miss them.
    idle: Vec<u64>,
    /// Messages of which nothing is wanted any more, and when that was so: a checkpoint has to come first.
    dead: Vec<(u64, u64)>,
    /// Parts of a checkpoint that may become one.
    loose: Vec<u64>,
}

impl Index {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            life: 0,
            applied: 0,
            limits: None,
            head: None,
            oldest: 0,
            last: 0,
            trimmed: 0,
            keys_trimmed: 0,
            names: HashMap::new(),
            topics: Vec::new(),
            retained: BTreeMap::new(),
            kept: BTreeMap::new(),
            producers: Producers::default(),
            idle: Vec::new(),
            dead: Vec::new(),
            loose: Vec::new(),
        }
    }

    /// The next message is this batch, stored at this time, in ms.
    pub(crate) fn apply(
        &mut self,
        sequence: u64,
        at: u64,
        records: &[Record],
        token: Option<&Token>,
    ) -> Verdict {
        self.pass(sequence, at);
        let verdict = self.judge(records, token);
        if let Some(verdict) = verdict {
            self.idle.push(sequence);
            return verdict;
        }
        let positions: Vec<_> = (0..records.len()).map(|number| position(sequence, number)).collect();
        for (position, record) in positions.iter().zip(records) {
            self.push(*position, at, record);
        }
        if let Some(token) = token {
            self.producers.stored(token, &positions);
        }
        self.says_something(sequence);
        Verdict::Stored(positions)
    }

    /// The next message is none of records: bounds, or one that says nothing but the time.
    pub(crate) fn pass(&mut self, sequence: u64, at: u64) {
        self.applied = sequence;
        if let Some(age) = self.limits.and_then(|limits| limits.age_ms) {
            self.trim_aged(at.saturating_sub(age));
        }
    }

    pub(crate) fn set_limits(&mut self, sequence: u64, limits: Limits) {
        self.says_something(sequence);
        self.dead.push((sequence, sequence));
        self.limits = Some(limits);
        for topic in 0..self.topics.len() {
            self.trim(topic as u32);
        }
    }

    pub(crate) fn set_part(&mut self, sequence: u64) {
        self.loose.push(sequence);
    }

    const fn says_something(&mut self, sequence: u64) {
        if self.oldest == 0 {
            self.oldest = sequence;
        }
    }

    pub(crate) fn set_idle(&mut self, sequence: u64) {
        self.idle.push(sequence);
    }

    /// Why it is not stored; `None` if it is.
    fn judge(&self, records: &[Record], token: Option<&Token>) -> Option<Verdict> {
        if let Some(verdict) = token.and_then(|token| self.producers.judge(token, self.applied < self.life)) {
            return Some(verdict);
        }
        if records.is_empty() || records.len() > MOST_RECORDS {
            return Some(Verdict::Refused(Refusal::NoRecord));
        }
        let mut topics = HashMap::new();
        for record in records {
            let staged =
                topics.entry(record.topic()).or_insert_with(|| Staged::of(self.topic(record.topic())));
            if let Err(refusal) = staged.take(record) {
                return Some(Verdict::Refused(refusal));
            }
        }
        None
    }

    fn topic(&self, name: &str) -> Option<&Topic> {
        self.names.get(name).map(|number| &self.topics[*number as usize])
    }

    fn number_of_topic(&mut self, name: &str) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = self.topics.len() as u32;
        self.names.insert(name.into(), number);
        self.topics.push(Topic::default());
        number
    }

    fn push(&mut self, position: u64, at: u64, record: &Record) {
        let number = self.number_of_topic(record.topic());
        self.last = position;
        if record.kind() == RecordKind::Close {
            self.close(number, position);
        }
        let entry = Entry::new(position, at, record);
        self.retained.insert(position, number);
        let replaced = self.topics[number as usize].push(entry, record);
        if let Some(replaced) = replaced
            && self.kept.remove(&replaced).is_some()
        {
            self.release(replaced);
        }
        self.trim(number);
    }

    fn close(&mut self, number: u32, position: u64) {
        let gone = self.topics[number as usize].close(position);
        let trimmed = self.topics[number as usize].bounds().trimmed;
        self.trimmed = self.trimmed.max(trimmed);
        self.keys_trimmed = self.keys_trimmed.max(trimmed);
        for position in gone {
            self.retained.remove(&position);
            self.kept.remove(&position);
            self.release(position);
        }
    }

    /// Drops what one topic has beyond the bounds, but never what was appended last.
    fn trim(&mut self, number: u32) {
        let Some(limits) = self.limits else { return };
        while let Some(oldest) = self.topics[number as usize].beyond(limits).filter(|at| *at != self.last) {
            self.drop_oldest(number, oldest);
        }
        while let Some(forgotten) = self.topics[number as usize].forget_key(limits.keys) {
            self.keys_trimmed = self.keys_trimmed.max(forgotten);
            self.kept.remove(&forgotten);
            self.release(forgotten);
        }
    }

    fn trim_aged(&mut self, before: u64) {
        while let Some((position, number)) = self.oldest_before(before) {
            self.drop_oldest(number, position);
            self.trim(number);
        }
    }

    fn oldest_before(&self, before: u64) -> Option<(u64, u32)> {
        let (position, number) = self.retained.first_key_value()?;
        let is_aged = self.topics[*number as usize].oldest().is_some_and(|oldest| oldest.at < before);
        (is_aged && *position != self.last).then_some((*position, *number))
    }

    /// Whether the next message will find something too old.
    pub(crate) fn is_aged(&self, now: SystemTime) -> bool {
        let age = self.limits.and_then(|limits| limits.age_ms);
        age.is_some_and(|age| self.oldest_before(milliseconds(now).saturating_sub(age)).is_some())
    }

    fn drop_oldest(&mut self, number: u32, position: u64) {
        self.retained.remove(&position);
        self.trimmed = self.trimmed.max(position);
        if self.topics[number as usize].drop_oldest() {
            self.kept.insert(position, number);
        } else {
            self.release(position);
        }
    }

    /// This record is not wanted any more. Perhaps its message is not, either.
    fn release(&mut self, gone: u64) {
        let message = sequence_of(gone) << BITS..(sequence_of(gone) + 1) << BITS;
        let is_wanted = self.retained.range(message.clone()).next().is_some()
            || self.kept.range(message).next().is_some();
        // Of the message that is being applied, the last record stays at least.
        if !is_wanted && sequence_of(gone) != self.applied {
            self.dead.push((sequence_of(gone), self.applied));
        }
    }

    pub(crate) fn bounds(&self, topic: Option<&str>) -> Bounds {
        let mut bounds = match topic {
            Some(topic) => self.topic(topic).map(Topic::bounds).unwrap_or_default(),
            None => {
                let mut bounds = Bounds::at(self.last);
                (bounds.trimmed, bounds.keys_trimmed) = (self.trimmed, self.keys_trimmed);
                bounds
            }
        };
        bounds.last = self.last;
        bounds
    }

    /// Where the records lie that the range allows.
    pub(crate) fn places(&self, range: &Range<'_>) -> Vec<Place> {
        if range.after >= range.up_to {
            return Vec::new();
        }
        let (after, up_to) = (range.after + 1, range.up_to);
        match range.topic {
            Some(topic) => match self.topic(topic) {
                Some(topic) => fitting(topic.within(after, up_to), range),
                None => Vec::new(),
            },
            None => {
                let entries = self.retained.range(after..=up_to);
                let entries = entries.filter_map(|(at, topic)| self.topics[*topic as usize].entry(*at));
                fitting(entries, range)
            }
        }
    }

    /// The same, of the newest of each key of a topic.
    pub(crate) fn newest(&self, range: &Range<'_>) -> Vec<Place> {
        let Some(topic) = self.topic(range.topic.unwrap_or_default()) else { return Vec::new() };
        fitting(
            topic.newest().filter(|entry| range.after < entry.position && entry.position <= range.up_to),
            range,
        )
    }

    pub(crate) fn find(&self, topic: &str, id: &str) -> Option<u64> {
        self.topic(topic)?.find(id)
    }

    /// The newest landmark that it knows: a checkpoint, or where its life begins.
    pub(crate) fn landmark(&self) -> u64 {
        self.head.as_ref().map_or(self.life, |head| head.sequence)
    }

    /// The lowest message that has to be there, if any has to: without it, somebody else has deleted something.
    pub(crate) fn lowest(&self) -> u64 {
        let Some(head) = &self.head else { return if self.oldest == 0 { u64::MAX } else { self.oldest } };
        let records = [self.retained.first_key_value(), self.kept.first_key_value()];
        let records = records.into_iter().flatten().map(|(position, _)| sequence_of(*position));
        records.chain([head.lowest()]).min().unwrap_or_default()
    }

    /// Whether so much lies there in vain that a checkpoint is worth its size. It knows how its life began.
    pub(crate) fn is_to_tidy(&self) -> bool {
        let worth = self.topics.len() + self.kept.len() + self.producers.len();
        self.applied >= self.life && self.dead.len() + self.idle.len() >= worth.max(1000)
    }

    /// Messages that have to go before a checkpoint: whoever reads it takes what it finds for stored.
    pub(crate) fn idle(&self) -> Vec<u64> {
        self.idle.clone()
    }

    /// Messages that can go once a checkpoint of now is stored.
    pub(crate) fn dead(&self) -> Vec<u64> {
        let mut dead: Vec<_> = self.dead.iter().map(|(sequence, _)| *sequence).collect();
        dead.sort_unstable();
        dead
    }
}

pub(crate) fn milliseconds(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// As many of these as the range allows.
fn fitting<'a>(entries: impl DoubleEndedIterator<Item = &'a Entry>, range: &Range<'_>) -> Vec<Place> {
    let mut bytes = 0;
    let mut fits = |entry: &&Entry| {
        let is_full = bytes > range.bytes;
        bytes += entry.bytes as usize;
        !is_full
    };
    let place = |entry: &Entry| Place { position: entry.position, at: entry.at };
    if !range.tail {
        return entries.take(range.records).take_while(|entry| fits(entry)).map(place).collect();
    }
    let mut newest: Vec<_> =
        entries.rev().take(range.records).take_while(|entry| fits(entry)).map(place).collect();
    newest.reverse();
    newest
}
