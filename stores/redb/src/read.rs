//! Pages.

use std::path::Path;

use redb::{Database, ReadOnlyTable, ReadTransaction, ReadableDatabase as _};
use typed_sse_core::store::{Page, Range, StoreError, Stored, StoredLog};

use crate::append::another_life;
use crate::error::Named;
use crate::tables::{IDS, LOGS, LogRow, NEWEST, ORDER, RECORDS, TOPICS, TopicRow};
use crate::value::{self, ValueError};

/// A range that can be sent to another thread.
#[derive(Clone, Debug)]
pub(crate) struct OwnedRange {
    topic: Option<String>,
    after: u64,
    up_to: u64,
    records: usize,
    bytes: usize,
    tail: bool,
}

impl From<Range<'_>> for OwnedRange {
    fn from(range: Range<'_>) -> Self {
        let Range { topic, after, up_to, records, bytes, tail, .. } = range;
        Self { topic: topic.map(str::to_owned), after, up_to, records, bytes, tail }
    }
}

/// The log as it stood at one moment.
pub(crate) struct Reader<'a> {
    path: &'a Path,
    transaction: ReadTransaction,
    log: LogRow,
}

type Records = ReadOnlyTable<(u32, u32, u64), &'static [u8]>;

impl<'a> Reader<'a> {
    pub(crate) fn new(database: &Database, path: &'a Path, log: &StoredLog) -> Result<Self, StoreError> {
        let read = || {
            let transaction = database.begin_read()?;
            let row = LogRow::read(&transaction.open_table(LOGS)?, log.name())?;
            Ok::<_, redb::Error>((transaction, row))
        };
        let (transaction, row) = read().map_err(|error| Named(path).read(error))?;
        match row.filter(|row| row.epoch == Some(log.epoch())) {
            Some(log) => Ok(Self { path, transaction, log }),
            None => Err(another_life(log.name())),
        }
    }

    pub(crate) fn read(&self, range: &OwnedRange) -> Result<Page, StoreError> {
        self.told(match &range.topic {
            Some(topic) => self.read_topic(topic, range),
            None => self.read_log(range),
        })
    }

    pub(crate) fn newest(&self, range: &OwnedRange) -> Result<Page, StoreError> {
        self.told(self.read_newest(range))
    }

    pub(crate) fn find(&self, topic: &str, id: &str) -> Result<Option<u64>, StoreError> {
        self.told(self.find_id(topic, id))
    }

    fn told<T>(&self, read: Result<T, ReadError>) -> Result<T, StoreError> {
        read.map_err(|error| match error {
            ReadError::File(error) => Named(self.path).read(error),
            ReadError::Value(position, error) => Named(self.path).value(position, error),
        })
    }

    fn topic(&self, name: &str) -> Result<Option<TopicRow>, ReadError> {
        Ok(TopicRow::read(&self.transaction.open_table(TOPICS)?, self.log.number, name)?)
    }

    /// One range of one table, whatever lies in other topics.
    fn read_topic(&self, name: &str, range: &OwnedRange) -> Result<Page, ReadError> {
        let Some(topic) = self.topic(name)? else {
            return Ok(Page::new(Vec::new(), TopicRow::default().bounds(self.log.last)));
        };
        let mut fitting = Fitting::new(range, self.log.last);
        if let Some(after) = fitting.first(range) {
            let (log, number) = (self.log.number, topic.number);
            let records = self.transaction.open_table(RECORDS)?;
            let rows = records.range((log, number, after)..=(log, number, range.up_to))?;
            fitting.take_from(rows, |(place, value)| decode(place.value().2, value.value()))?;
        }
        Ok(Page::new(fitting.into_records(), topic.bounds(self.log.last)))
    }

    fn read_log(&self, range: &OwnedRange) -> Result<Page, ReadError> {
        let mut fitting = Fitting::new(range, self.log.last);
        if let Some(after) = fitting.first(range) {
            let log = self.log.number;
            let records = self.transaction.open_table(RECORDS)?;
            let rows = self.transaction.open_table(ORDER)?.range((log, after)..=(log, range.up_to))?;
            fitting
                .take_from(rows, |(place, topic)| record(&records, (log, topic.value(), place.value().1)))?;
        }
        Ok(Page::new(fitting.into_records(), self.log.bounds()))
    }

    fn read_newest(&self, range: &OwnedRange) -> Result<Page, ReadError> {
        let Some(topic) = self.topic(range.topic.as_deref().unwrap_or_default())? else {
            return Ok(Page::new(Vec::new(), TopicRow::default().bounds(self.log.last)));
        };
        let mut fitting = Fitting::new(range, self.log.last);
        if let Some(after) = fitting.first(range) {
            let (log, number) = (self.log.number, topic.number);
            let records = self.transaction.open_table(RECORDS)?;
            let newest = self.transaction.open_table(NEWEST)?;
            let rows = newest.range((log, number, after)..=(log, number, range.up_to))?;
            fitting.take_from(rows, |(place, copy)| {
                let (_, _, position) = place.value();
                match copy.value() {
                    [] => record(&records, place.value()),
                    copy => decode(position, copy),
                }
            })?;
        }
        Ok(Page::new(fitting.into_records(), topic.bounds(self.log.last)))
    }

    fn find_id(&self, topic: &str, id: &str) -> Result<Option<u64>, ReadError> {
        let Some(topic) = self.topic(topic)? else { return Ok(None) };
        let ids = self.transaction.open_table(IDS)?;
        if let Some(position) = ids.get((self.log.number, topic.number, id))? {
            return Ok(Some(position.value()));
        }
        let is_boundary = !id.is_empty() && topic.boundary == id;
        Ok(is_boundary.then_some(topic.trimmed))
    }
}

fn record(records: &Records, place: (u32, u32, u64)) -> Result<Stored, ReadError> {
    let value = records.get(place)?;
    let value = value.as_ref().map(|value| value.value()).unwrap_or_default();
    decode(place.2, value)
}

fn decode(position: u64, value: &[u8]) -> Result<Stored, ReadError> {
    value::read(position, value).map_err(|error| ReadError::Value(position, error))
}

/// A page has room for so many records from the beginning, at the most: they are not moved about while it grows.
const ROOM: usize = 1024;

/// Records as many as a range allows.
struct Fitting {
    records: Vec<Stored>,
    most: usize,
    most_bytes: usize,
    bytes: usize,
    tail: bool,
}

impl Fitting {
    /// For a range of a log whose newest record has this position.
    fn new(range: &OwnedRange, last: u64) -> Self {
        let OwnedRange { after, up_to, records, bytes, tail, .. } = *range;
        // More than that are not there, since positions have no gaps.
        let there = usize::try_from(last.min(up_to).saturating_sub(after)).unwrap_or(usize::MAX);
        Self {
            records: Vec::with_capacity(records.min(there).min(ROOM)),
            most: records,
            most_bytes: bytes,
            bytes: 0,
            tail,
        }
    }

    /// The first position that is wanted; `None` if none is.
    fn first(&self, range: &OwnedRange) -> Option<u64> {
        let first = range.after.checked_add(1).filter(|first| *first <= range.up_to);
        first.filter(|_| self.most > 0)
    }

    fn take_from<T, R>(
        &mut self,
        rows: R,
        read: impl Fn(T) -> Result<Stored, ReadError>,
    ) -> Result<(), ReadError>
    where
        R: DoubleEndedIterator<Item = Result<T, redb::StorageError>>,
    {
        if self.tail { self.take_all(rows.rev(), read) } else { self.take_all(rows, read) }
    }

    fn take_all<T>(
        &mut self,
        rows: impl Iterator<Item = Result<T, redb::StorageError>>,
        read: impl Fn(T) -> Result<Stored, ReadError>,
    ) -> Result<(), ReadError> {
        for row in rows {
            let stored = read(row?)?;
            self.bytes += stored.record.data().len();
            self.records.push(stored);
            if self.records.len() == self.most || self.bytes > self.most_bytes {
                break;
            }
        }
        Ok(())
    }

    fn into_records(mut self) -> Vec<Stored> {
        if self.tail {
            self.records.reverse();
        }
        self.records
    }
}

/// Why something cannot be read.
enum ReadError {
    File(redb::Error),
    Value(u64, ValueError),
}

impl<E: Into<redb::Error>> From<E> for ReadError {
    fn from(error: E) -> Self {
        Self::File(error.into())
    }
}
