//! One log: its records in one order, and what is known of each topic.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::SystemTime;

use typed_sse_core::store::{
    Appended, Batch, Bounds, Epoch, Page, Range, Record, RecordKind, StoreError, StoreErrorKind, Stored,
    Token,
};

use super::topic::Topic;
use crate::limits::Limits;

#[derive(Debug)]
pub(super) struct Log {
    epoch: Epoch,
    limits: Limits,
    last: u64,
    trimmed: u64,
    records: BTreeMap<u64, Stored>,
    topics: HashMap<String, Topic>,
    producers: HashMap<String, Producer>,
}

/// What a producer has stored last.
#[derive(Debug)]
struct Producer {
    epoch: u64,
    number: u64,
    positions: Vec<u64>,
}

impl Log {
    pub(super) fn new(epoch: Epoch, limits: Limits) -> Self {
        Self {
            epoch,
            limits,
            last: 0,
            trimmed: 0,
            records: BTreeMap::new(),
            topics: HashMap::new(),
            producers: HashMap::new(),
        }
    }

    pub(super) const fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(super) fn append(&mut self, batch: Batch<'_>, now: SystemTime) -> Result<Appended, StoreError> {
        if let Some(token) = batch.token
            && let Some(positions) = self.stored_before(token)?
        {
            return Ok(Appended::duplicate(positions));
        }
        self.check(batch.records)?;
        let last = self.last;
        let positions: Vec<_> = batch.records.iter().map(|record| self.push(record, now)).collect();
        if let Some(Token { producer, epoch, number, .. }) = batch.token {
            let stored = Producer { epoch: *epoch, number: *number, positions: positions.clone() };
            self.producers.insert(producer.clone(), stored);
        }
        let appended = Appended::stored(positions);
        Ok(match batch.records.first() {
            Some(record) => appended.behind(last, self.bounds(Some(record.topic()))),
            None => appended,
        })
    }

    /// The positions of a batch that was stored already; `None` if it is the next of its producer.
    fn stored_before(&self, token: &Token) -> Result<Option<Vec<u64>>, StoreError> {
        let stored = self.producers.get(&token.producer).filter(|stored| stored.epoch >= token.epoch);
        if let Some(Producer { epoch, .. }) = stored.filter(|stored| stored.epoch > token.epoch) {
            let words = format!("`{}` goes on in a newer epoch: this one may store nothing", token.producer);
            return Err(StoreError::new(StoreErrorKind::Fenced { epoch: *epoch }, words));
        }
        let newest = stored.map_or(0, |stored| stored.number);
        if token.number > newest + 1 {
            let words = format!("batches of `{}` are missing before {}", token.producer, token.number);
            return Err(StoreError::new(StoreErrorKind::Gap { expected: newest + 1 }, words));
        }
        let is_newest = token.number == newest;
        let positions = stored.filter(|_| is_newest).map(|stored| stored.positions.clone());
        Ok((token.number <= newest).then(|| positions.unwrap_or_default()))
    }

    /// Whether all of these can be appended, one behind the other.
    fn check(&self, records: &[Record]) -> Result<(), StoreError> {
        let mut topics = HashMap::new();
        for record in records {
            let staged = topics.entry(record.topic()).or_insert_with(|| Staged::of(self, record.topic()));
            staged.take(record)?;
        }
        Ok(())
    }

    fn push(&mut self, record: &Record, now: SystemTime) -> u64 {
        self.last += 1;
        let position = self.last;
        let topic = self.topics.entry(record.topic().to_owned()).or_default();
        if record.kind() == RecordKind::Close {
            for gone in topic.close(position) {
                self.records.remove(&gone);
                self.trimmed = self.trimmed.max(gone);
            }
        }
        let stored = Stored::new(position, Some(now), record.clone());
        topic.push(&stored);
        self.records.insert(position, stored);
        self.trim(record.topic(), now);
        position
    }

    /// Drops what one topic has beyond the limits, but never what was appended last.
    fn trim(&mut self, topic: &str, now: SystemTime) {
        let Some(topic) = self.topics.get_mut(topic) else { return };
        while let Some(oldest) = topic.oldest().filter(|oldest| *oldest != self.last) {
            let Some(stored) = self.records.get(&oldest) else { return };
            let age = stored.at.and_then(|at| now.duration_since(at).ok()).unwrap_or_default();
            if topic.fits(self.limits) && self.limits.age.is_none_or(|most| age <= most) {
                return;
            }
            topic.trim(stored);
            self.records.remove(&oldest);
            self.trimmed = self.trimmed.max(oldest);
        }
    }

    pub(super) fn read(&mut self, range: Range<'_>, now: SystemTime) -> Page {
        if self.limits.age.is_some() {
            let topics: Vec<_> = self.topics.keys().cloned().collect();
            topics.iter().for_each(|topic| self.trim(topic, now));
        }
        let records = match range.topic {
            None => {
                page(self.records.range(range.after.saturating_add(1)..).map(|(_, stored)| stored), range)
            }
            Some(topic) => {
                let positions = self.topics.get(topic).into_iter().flat_map(Topic::positions);
                page(positions.filter_map(|position| self.records.get(position)), range)
            }
        };
        Page::new(records, self.bounds(range.topic))
    }

    pub(super) fn newest(&self, range: Range<'_>) -> Page {
        let topic = range.topic.unwrap_or_default();
        let newest = self.topics.get(topic).into_iter().flat_map(Topic::newest);
        Page::new(page(newest, range), self.bounds(Some(topic)))
    }

    pub(super) fn find(&self, topic: &str, id: &str) -> Option<u64> {
        self.topics.get(topic)?.find(id)
    }

    fn bounds(&self, topic: Option<&str>) -> Bounds {
        let mut bounds = match topic {
            Some(topic) => self.topics.get(topic).map(Topic::bounds).unwrap_or_default(),
            None => Bounds::at(0),
        };
        if topic.is_none() {
            bounds.trimmed = self.trimmed;
        }
        bounds.last = self.last;
        bounds
    }
}

/// What a topic would be behind the first records of a batch.
struct Staged<'a> {
    stored: Option<&'a Topic>,
    is_finished: bool,
    ids: HashSet<&'a str>,
}

impl<'a> Staged<'a> {
    fn of(log: &'a Log, topic: &str) -> Self {
        let stored = log.topics.get(topic);
        let is_finished = stored.is_some_and(|topic| topic.bounds().finished.is_some());
        Self { stored, is_finished, ids: HashSet::new() }
    }

    fn take(&mut self, record: &'a Record) -> Result<(), StoreError> {
        let topic = record.topic();
        match record.kind() {
            RecordKind::Finish => self.is_finished = true,
            RecordKind::Close => *self = Self { stored: None, is_finished: false, ids: HashSet::new() },
            _ if self.is_finished => {
                let words = format!("the topic `{topic}` is finished: nothing more can be appended");
                return Err(StoreError::new(StoreErrorKind::Finished, words));
            }
            _ => {}
        }
        let Some(id) = record.id() else { return Ok(()) };
        let stored = self.stored.and_then(|topic| topic.retained(id.as_str()));
        let is_new = self.ids.insert(id.as_str());
        match stored.or_else(|| (!is_new).then_some(0)) {
            None => Ok(()),
            Some(position) => {
                let words = format!("the topic `{topic}` retains an event of the ID `{id}`");
                Err(StoreError::new(StoreErrorKind::DuplicateId { position }, words))
            }
        }
    }
}

/// As many of these as the range allows.
fn page<'a>(records: impl DoubleEndedIterator<Item = &'a Stored>, range: Range<'_>) -> Vec<Stored> {
    let within = records.filter(|stored| range.after < stored.position && stored.position <= range.up_to);
    if !range.tail {
        return fitting(within, range);
    }
    let mut newest = fitting(within.rev(), range);
    newest.reverse();
    newest
}

fn fitting<'a>(records: impl Iterator<Item = &'a Stored>, range: Range<'_>) -> Vec<Stored> {
    let mut bytes = 0;
    let fits = |stored: &&Stored| {
        let is_full = bytes > range.bytes;
        bytes += stored.record.data().len();
        !is_full
    };
    records.take(range.records).take_while(fits).cloned().collect()
}
