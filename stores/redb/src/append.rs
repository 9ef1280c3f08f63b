//! What a batch does to the tables: all of it, or nothing.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use redb::{ReadableTable as _, StorageError};
use typed_sse_core::store::{Appended, Epoch, RecordKind, StoreError, StoreErrorKind, StoredLog, Token};

use crate::batch::{Append, Entry, Run};
use crate::error::another_life;
use crate::options::Limits;
use crate::tables::{LogRow, Tables, TopicRow};

/// A batch was refused, or the file cannot be read or written.
pub(crate) type Checked<T> = Result<Result<T, StoreError>, StorageError>;

/// The last position of each log, by its name.
pub(crate) type Lasts = Vec<(String, u64)>;

/// One transaction of the file, in which many batches are appended.
pub(crate) struct Appender<'t> {
    pub(super) tables: Tables<'t>,
    pub(super) limits: Limits,
    pub(super) now: Duration,
    logs: HashMap<String, LogRow>,
    /// The topics that were touched, written back at the end.
    topics: HashMap<u32, HashMap<String, TopicRow>>,
    pub(super) has_changed: bool,
}

impl<'t> Appender<'t> {
    /// `now` is the time since 1970.
    pub(crate) fn new(tables: Tables<'t>, limits: Limits, now: Duration) -> Self {
        Self { tables, limits, now, logs: HashMap::new(), topics: HashMap::new(), has_changed: false }
    }

    /// Finds a log, or makes it.
    pub(crate) fn open(&mut self, name: &str) -> Result<Option<StoredLog>, StorageError> {
        if let Some(log) = self.log(name)? {
            return Ok(log.epoch.map(|epoch| StoredLog::new(name, epoch)));
        }
        let mut number = 0;
        for row in self.tables.logs.iter()? {
            number = number.max(LogRow::of(row?.1.value()).number + 1);
        }
        let epoch = Epoch::random();
        let log = LogRow::new(number, epoch);
        log.write(&mut self.tables.logs, name)?;
        self.has_changed = true;
        self.logs.insert(name.to_owned(), log);
        Ok(Some(StoredLog::new(name, epoch)))
    }

    pub(crate) fn append(&mut self, append: &Append) -> Checked<Appended> {
        let log = self.log(append.log.name())?;
        let Some(log) = log.filter(|log| log.epoch == Some(append.log.epoch())) else {
            return Ok(Err(another_life(append.log.name())));
        };
        if let Some(token) = &append.token {
            match self.stored_before(log.number, token)? {
                Ok(None) => {}
                Ok(Some(positions)) => return Ok(Ok(Appended::duplicate(positions))),
                Err(refused) => return Ok(Err(refused)),
            }
        }
        if let Err(refused) = self.check(log.number, &append.runs)? {
            return Ok(Err(refused));
        }
        self.has_changed = true;
        let (before, positions) = (log.last, self.push_all(log, append)?);
        if let Some(token) = &append.token {
            let row = (token.epoch, token.number, positions.clone());
            self.tables.producers.insert((log.number, token.producer.as_str()), row)?;
        }
        let appended = Appended::stored(positions);
        let Some(run) = append.runs.first() else { return Ok(Ok(appended)) };
        let last = self.log(append.log.name())?.map_or(before, |log| log.last);
        let bounds = self.topic(log.number, &run.topic)?.map(|topic| topic.bounds(last));
        Ok(Ok(match bounds {
            Some(bounds) => appended.behind(before, bounds),
            None => appended,
        }))
    }

    /// Writes what was changed in the memory only. The last position of each log that has changed.
    pub(crate) fn finish(mut self) -> Result<Lasts, StorageError> {
        if !self.has_changed {
            return Ok(Vec::new());
        }
        for (name, log) in &self.logs {
            log.write(&mut self.tables.logs, name)?;
        }
        for (log, topics) in &self.topics {
            for (name, topic) in topics {
                topic.write(&mut self.tables.topics, *log, name)?;
            }
        }
        Ok(self.logs.into_iter().map(|(name, log)| (name, log.last)).collect())
    }

    fn log(&mut self, name: &str) -> Result<Option<LogRow>, StorageError> {
        if let Some(log) = self.logs.get(name) {
            return Ok(Some(*log));
        }
        let log = LogRow::read(&self.tables.logs, name)?;
        if let Some(log) = log {
            self.logs.insert(name.to_owned(), log);
        }
        Ok(log)
    }

    /// All logs, as they stand in this transaction.
    pub(super) fn all_logs(&self) -> Result<Vec<(String, LogRow)>, StorageError> {
        let mut logs = Vec::new();
        for row in self.tables.logs.iter()? {
            let (name, row) = row?;
            let log = self.logs.get(name.value()).copied().unwrap_or_else(|| LogRow::of(row.value()));
            logs.push((name.value().to_owned(), log));
        }
        Ok(logs)
    }

    pub(super) fn set_log(&mut self, name: &str, log: LogRow) {
        self.logs.insert(name.to_owned(), log);
    }

    /// A topic as it stands in this transaction; `None` if nothing ever was in it.
    pub(super) fn topic(&mut self, log: u32, name: &str) -> Result<Option<&mut TopicRow>, StorageError> {
        let topics = self.topics.entry(log).or_default();
        if !topics.contains_key(name)
            && let Some(topic) = TopicRow::read(&self.tables.topics, log, name)?
        {
            topics.insert(name.to_owned(), topic);
        }
        Ok(topics.get_mut(name))
    }

    pub(super) fn set_topic(&mut self, log: u32, name: &str, topic: TopicRow) {
        self.topics.entry(log).or_default().insert(name.to_owned(), topic);
    }

    /// The positions of a batch that was stored already; `None` if it is the next of its producer.
    fn stored_before(&self, log: u32, token: &Token) -> Checked<Option<Vec<u64>>> {
        let Token { producer, epoch, number, .. } = token;
        let stored = self.tables.producers.get((log, producer.as_str()))?.map(|row| row.value());
        let stored = stored.filter(|(stored, ..)| stored >= epoch);
        if let Some((newer, ..)) = stored.as_ref().filter(|(stored, ..)| stored > epoch) {
            let words = format!("`{producer}` goes on in a newer epoch: this one may store nothing");
            return Ok(Err(StoreError::new(StoreErrorKind::Fenced { epoch: *newer }, words)));
        }
        let (newest, positions) =
            stored.map(|(_, newest, positions)| (newest, positions)).unwrap_or_default();
        if *number > newest.saturating_add(1) {
            let words = format!("batches of `{producer}` are missing before {number}");
            return Ok(Err(StoreError::new(StoreErrorKind::Gap { expected: newest + 1 }, words)));
        }
        let positions = if *number == newest { positions } else { Vec::new() };
        Ok(Ok((*number <= newest).then_some(positions)))
    }

    /// Whether all of these can be appended, one behind the other.
    fn check(&mut self, log: u32, runs: &[Run]) -> Checked<()> {
        let mut staged: HashMap<&str, Staged<'_>> = HashMap::new();
        for run in runs {
            let name = run.topic.as_str();
            if !staged.contains_key(name) {
                let stored = self.topic(log, name)?.map(|topic| (topic.number, topic.finished > 0));
                staged.insert(name, Staged::of(stored));
            }
            let Some(topic) = staged.get_mut(name) else { continue };
            for entry in &run.entries {
                if let Err(refused) = self.check_one(log, (name, &mut *topic), entry)? {
                    return Ok(Err(refused));
                }
            }
        }
        Ok(Ok(()))
    }

    fn check_one<'a>(
        &self,
        log: u32,
        (name, topic): (&str, &mut Staged<'a>),
        entry: &'a Entry,
    ) -> Checked<()> {
        let Some((number, is_new)) = topic.take(entry) else {
            let words = format!("the topic `{name}` is finished: nothing more can be appended");
            return Ok(Err(StoreError::new(StoreErrorKind::Finished, words)));
        };
        let Some(id) = &entry.id else { return Ok(Ok(())) };
        let stored = match number {
            Some(number) => self.tables.ids.get((log, number, id.as_str()))?.map(|row| row.value()),
            None => None,
        };
        Ok(match stored.or_else(|| (!is_new).then_some(0)) {
            None => Ok(()),
            Some(position) => {
                let words = format!("the topic `{name}` retains an event of the ID `{id}`");
                Err(StoreError::new(StoreErrorKind::DuplicateId { position }, words))
            }
        })
    }
}

/// What a topic would be behind the first records of a batch.
struct Staged<'a> {
    /// Its number, where its IDs in the file count.
    number: Option<u32>,
    is_finished: bool,
    ids: HashSet<&'a str>,
}

impl<'a> Staged<'a> {
    fn of(stored: Option<(u32, bool)>) -> Self {
        let (number, is_finished) = stored.unzip();
        Self { number, is_finished: is_finished.unwrap_or_default(), ids: HashSet::new() }
    }

    /// In which topic of the file its ID must not be, and whether it is new in the batch; `None` if the topic is finished.
    fn take(&mut self, entry: &'a Entry) -> Option<(Option<u32>, bool)> {
        match entry.kind {
            RecordKind::Finish => self.is_finished = true,
            RecordKind::Close => *self = Self::of(None),
            _ if self.is_finished => return None,
            _ => {}
        }
        let is_new = entry.id.as_deref().is_none_or(|id| self.ids.insert(id));
        Some((self.number, is_new))
    }
}
