//! Pages.

use std::path::Path;

use redb::{AccessGuard, Database, ReadOnlyTable, ReadTransaction, ReadableDatabase as _};
use typed_sse_core::store::{Bounds, Range, Sink, StoreError, Stored, StoredLog};

use crate::error::{Named, another_life};
use crate::tables::{IDS, LOGS, LogRow, NEWEST, ORDER, RECORDS, TOPICS, TopicRow};
use crate::value::{Lent, Raw, ValueError};

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

    /// A page, into a sink.
    pub(crate) fn read(&self, range: &OwnedRange, sink: Sink) -> Result<Sink, StoreError> {
        self.told(match &range.topic {
            Some(topic) => self.read_topic(topic, range, sink),
            None => self.read_log(range, sink),
        })
    }

    pub(crate) fn newest(&self, range: &OwnedRange, sink: Sink) -> Result<Sink, StoreError> {
        self.told(self.read_newest(range, sink))
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
    fn read_topic(&self, name: &str, range: &OwnedRange, sink: Sink) -> Result<Sink, ReadError> {
        let mut fitting = Fitting::new(range, self.log.last, sink);
        let Some(topic) = self.topic(name)? else { return Ok(self.no_topic(fitting)) };
        if let Some(first) = fitting.first {
            let (log, number) = (self.log.number, topic.number);
            let records = self.transaction.open_table(RECORDS)?;
            let last = match block_of(&records, (log, number, fitting.up_to))? {
                Some((place, _)) => place.value().2,
                None => u64::MAX,
            };
            let rows = records.range((log, number, first)..=(log, number, last))?;
            fitting.take_from(rows, |fitting, (place, value)| {
                let block = Lent::read(place.value().2, value.value()).map_err(of_value(place.value().2))?;
                fitting.take_block(block, topic.trimmed + 1)
            })?;
        }
        Ok(fitting.end(topic.bounds(self.log.last)))
    }

    /// One that never was has nothing.
    fn no_topic(&self, fitting: Fitting) -> Sink {
        fitting.end(TopicRow::default().bounds(self.log.last))
    }

    fn read_log(&self, range: &OwnedRange, sink: Sink) -> Result<Sink, ReadError> {
        let mut fitting = Fitting::new(range, self.log.last, sink);
        if let Some(first) = fitting.first {
            let log = self.log.number;
            let records = self.transaction.open_table(RECORDS)?;
            let order = self.transaction.open_table(ORDER)?;
            let last = order.range((log, fitting.up_to)..=(log, u64::MAX))?.next().transpose()?;
            let last = last.map_or(u64::MAX, |(place, _)| place.value().1);
            let rows = order.range((log, first)..=(log, last))?;
            fitting.take_from(rows, |fitting, (place, row)| {
                let ((_, last), (topic, first)) = (place.value(), row.value());
                let value = records.get((log, topic, last))?;
                let value = value.as_ref().map(|value| value.value()).unwrap_or_default();
                fitting.take_block(Lent::read(last, value).map_err(of_value(last))?, first)
            })?;
        }
        Ok(fitting.end(self.log.bounds()))
    }

    fn read_newest(&self, range: &OwnedRange, sink: Sink) -> Result<Sink, ReadError> {
        let mut fitting = Fitting::new(range, self.log.last, sink);
        let topic = self.topic(range.topic.as_deref().unwrap_or_default())?;
        let Some(topic) = topic else { return Ok(self.no_topic(fitting)) };
        if let Some(first) = fitting.first {
            let (log, number) = (self.log.number, topic.number);
            let records = self.transaction.open_table(RECORDS)?;
            let newest = self.transaction.open_table(NEWEST)?;
            let rows = newest.range((log, number, first)..=(log, number, fitting.up_to))?;
            fitting.take_from(rows, |fitting, (place, copy)| {
                let (_, _, position) = place.value();
                match copy.value() {
                    [] => match block_of(&records, place.value())? {
                        Some((place, value)) => fitting.take_one(position, place.value().2, value.value()),
                        None => Err(ReadError::Value(position, ValueError::Torn)),
                    },
                    copy => fitting.take_one(position, position, copy),
                }
            })?;
        }
        Ok(fitting.end(topic.bounds(self.log.last)))
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

type Row = (AccessGuard<'static, (u32, u32, u64)>, AccessGuard<'static, &'static [u8]>);

/// The block in which a position lies, if there is one, or else the next of its topic.
fn block_of(records: &Records, (log, topic, position): (u32, u32, u64)) -> Result<Option<Row>, ReadError> {
    Ok(records.range((log, topic, position)..=(log, topic, u64::MAX))?.next().transpose()?)
}

fn of_value(position: u64) -> impl Fn(ValueError) -> ReadError {
    move |error| ReadError::Value(position, error)
}

/// A page has room for so many records from the beginning, at the most: they are not moved about while it grows.
const ROOM: usize = 1024;

/// Records as many as a range allows, on their way into a sink.
struct Fitting {
    sink: Sink,
    /// The newest first, if those are wanted: a sink takes them in their order.
    newest: Vec<Stored>,
    records: usize,
    /// The first position that is wanted; `None` if none is.
    first: Option<u64>,
    up_to: u64,
    most: usize,
    most_bytes: usize,
    bytes: usize,
    tail: bool,
}

impl Fitting {
    /// For a range of a log whose newest record has this position.
    fn new(range: &OwnedRange, last: u64, mut sink: Sink) -> Self {
        let OwnedRange { after, up_to, records, bytes, tail, .. } = *range;
        // More than that are not there, since positions have no gaps.
        let there = usize::try_from(last.min(up_to).saturating_sub(after)).unwrap_or(usize::MAX);
        let first = after.checked_add(1).filter(|first| *first <= up_to && records > 0);
        sink.reserve(records.min(there).min(ROOM));
        Self {
            sink,
            newest: Vec::new(),
            records: 0,
            first,
            up_to,
            most: records,
            most_bytes: bytes,
            bytes: 0,
            tail,
        }
    }

    fn is_full(&self) -> bool {
        self.records >= self.most || self.bytes > self.most_bytes
    }

    fn take_from<T, R>(
        &mut self,
        rows: R,
        take: impl Fn(&mut Self, T) -> Result<(), ReadError>,
    ) -> Result<(), ReadError>
    where
        R: DoubleEndedIterator<Item = Result<T, redb::StorageError>>,
    {
        if self.tail { self.take_all(rows.rev(), take) } else { self.take_all(rows, take) }
    }

    fn take_all<T>(
        &mut self,
        rows: impl Iterator<Item = Result<T, redb::StorageError>>,
        take: impl Fn(&mut Self, T) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        for row in rows {
            take(self, row?)?;
            if self.is_full() {
                break;
            }
        }
        Ok(())
    }

    /// Takes what is wanted of a block, of which what lies before a position is trimmed.
    fn take_block(&mut self, block: Lent<'_>, retained: u64) -> Result<(), ReadError> {
        let first = self.first.unwrap_or(u64::MAX).max(retained);
        let up_to = self.up_to.min(block.last);
        let wanted = block.from(first).take_while(|raw| !raw.as_ref().is_ok_and(|raw| raw.position > up_to));
        self.take_wanted(wanted, block.last)
    }

    fn take_one(&mut self, position: u64, last: u64, value: &[u8]) -> Result<(), ReadError> {
        let block = Lent::read(last, value).map_err(of_value(position))?;
        if position < block.first {
            return Err(ReadError::Value(position, ValueError::Torn));
        }
        self.take_wanted(block.from(position).take(1), position)
    }

    /// Takes records of a block up to this position.
    fn take_wanted<'a>(
        &mut self,
        mut wanted: impl Iterator<Item = Result<Raw<'a>, ValueError>>,
        last: u64,
    ) -> Result<(), ReadError> {
        if self.tail {
            return self.take_newest(wanted.collect::<Result<_, _>>().map_err(of_value(last))?);
        }
        // From within the iterator: a record is read where it lies.
        let taken = wanted.try_for_each(|raw| {
            let raw = raw.map_err(|error| Some(ReadError::Value(last, error)))?;
            raw.put_into(&mut self.sink).map_err(|error| Some(ReadError::Value(raw.position, error)))?;
            (self.records, self.bytes) = (self.sink.len(), self.sink.bytes());
            if self.is_full() { Err(None) } else { Ok(()) }
        });
        taken.or_else(|stopped| stopped.map_or(Ok(()), Err))
    }

    fn take_newest(&mut self, wanted: Vec<Raw<'_>>) -> Result<(), ReadError> {
        for raw in wanted.into_iter().rev() {
            let stored = raw.decode().map_err(of_value(raw.position))?;
            self.records += 1;
            self.bytes += stored.record.data().len();
            self.newest.push(stored);
            if self.is_full() {
                break;
            }
        }
        Ok(())
    }

    fn end(mut self, bounds: Bounds) -> Sink {
        self.newest.into_iter().rev().for_each(|stored| self.sink.put_stored(stored));
        self.sink.end(bounds);
        self.sink
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
