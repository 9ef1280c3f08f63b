//! The tables of the file, and the rows that are more than one value.

use redb::{ReadableTable, Table, TableDefinition, TableError, WriteTransaction};
use typed_sse_core::store::{Bounds, Epoch};

/// What the file is: see [`FORMAT`](crate::file::FORMAT).
pub(crate) const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");

/// By name: number, epoch, last position, trimmed, keys trimmed, how many topics were numbered.
pub(crate) const LOGS: TableDefinition<'_, &str, LogColumns<'_>> = TableDefinition::new("logs");

/// By log and name: a topic's number, and where it stands.
pub(crate) const TOPICS: TableDefinition<'_, (u32, &str), TopicColumns<'_>> = TableDefinition::new("topics");

/// By log, topic and the position of its last record: a block. So one topic is one range, whatever lies in the others.
pub(crate) const RECORDS: TableDefinition<'_, (u32, u32, u64), &[u8]> = TableDefinition::new("records");

/// By log and the position of its last record: of the same block, the topic, and the position of the first record that is not trimmed.
pub(crate) const ORDER: TableDefinition<'_, (u32, u64), (u32, u64)> = TableDefinition::new("order");

/// By log, topic and own ID: the position of a retained event.
pub(crate) const IDS: TableDefinition<'_, (u32, u32, &str), u64> = TableDefinition::new("ids");

/// By log, topic and key: the position of its newest event.
pub(crate) const KEYS: TableDefinition<'_, (u32, u32, &str), u64> = TableDefinition::new("keys");

/// The same events by position: nothing while the record is retained, a block of it alone once it was trimmed.
pub(crate) const NEWEST: TableDefinition<'_, (u32, u32, u64), &[u8]> = TableDefinition::new("newest");

/// By log and name of the producer: epoch and number of its newest batch, and where that lies.
pub(crate) const PRODUCERS: TableDefinition<'_, (u32, &str), (u64, u64, Vec<u64>)> =
    TableDefinition::new("producers");

pub(crate) type LogColumns<'a> = (u32, &'a str, u64, u64, u64, u32);
pub(crate) type TopicColumns<'a> = (u32, u64, u64, u64, u64, u64, u64, u64, &'a str);

/// All tables, for one who writes.
pub(crate) struct Tables<'t> {
    pub(crate) logs: Table<'t, &'static str, LogColumns<'static>>,
    pub(crate) topics: Table<'t, (u32, &'static str), TopicColumns<'static>>,
    pub(crate) records: Table<'t, (u32, u32, u64), &'static [u8]>,
    pub(crate) order: Table<'t, (u32, u64), (u32, u64)>,
    pub(crate) ids: Table<'t, (u32, u32, &'static str), u64>,
    pub(crate) keys: Table<'t, (u32, u32, &'static str), u64>,
    pub(crate) newest: Table<'t, (u32, u32, u64), &'static [u8]>,
    pub(crate) producers: Table<'t, (u32, &'static str), (u64, u64, Vec<u64>)>,
}

impl<'t> Tables<'t> {
    /// Opens them, and makes those that are not there.
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Result<Self, TableError> {
        Ok(Self {
            logs: transaction.open_table(LOGS)?,
            topics: transaction.open_table(TOPICS)?,
            records: transaction.open_table(RECORDS)?,
            order: transaction.open_table(ORDER)?,
            ids: transaction.open_table(IDS)?,
            keys: transaction.open_table(KEYS)?,
            newest: transaction.open_table(NEWEST)?,
            producers: transaction.open_table(PRODUCERS)?,
        })
    }
}

/// A log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogRow {
    pub(crate) number: u32,
    /// `None` if what stands there is no epoch.
    pub(crate) epoch: Option<Epoch>,
    pub(crate) last: u64,
    pub(crate) trimmed: u64,
    pub(crate) keys_trimmed: u64,
    pub(crate) topics: u32,
}

impl LogRow {
    pub(crate) const fn new(number: u32, epoch: Epoch) -> Self {
        Self { number, epoch: Some(epoch), last: 0, trimmed: 0, keys_trimmed: 0, topics: 0 }
    }

    pub(crate) fn read(
        logs: &impl ReadableTable<&'static str, LogColumns<'static>>,
        name: &str,
    ) -> Result<Option<Self>, redb::StorageError> {
        Ok(logs.get(name)?.map(|row| Self::of(row.value())))
    }

    pub(crate) fn of((number, epoch, last, trimmed, keys_trimmed, topics): LogColumns<'_>) -> Self {
        Self { number, epoch: Epoch::parse(epoch), last, trimmed, keys_trimmed, topics }
    }

    pub(crate) fn write(
        &self,
        logs: &mut Table<'_, &'static str, LogColumns<'static>>,
        name: &str,
    ) -> Result<(), redb::StorageError> {
        let epoch = self.epoch.map(|epoch| epoch.to_string()).unwrap_or_default();
        let row = (self.number, epoch.as_str(), self.last, self.trimmed, self.keys_trimmed, self.topics);
        logs.insert(name, row).map(drop)
    }

    pub(crate) fn bounds(&self) -> Bounds {
        let mut bounds = Bounds::at(self.last);
        (bounds.trimmed, bounds.keys_trimmed) = (self.trimmed, self.keys_trimmed);
        bounds
    }
}

/// A topic.
#[derive(Clone, Debug, Default)]
pub(crate) struct TopicRow {
    pub(crate) number: u32,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) keys: u64,
    pub(crate) trimmed: u64,
    pub(crate) keys_trimmed: u64,
    /// 0 if it is not finished.
    pub(crate) finished: u64,
    pub(crate) closed: u64,
    /// The own ID of the record at `trimmed`: its client has missed nothing. Empty if it had none.
    pub(crate) boundary: String,
}

impl TopicRow {
    pub(crate) const fn new(number: u32) -> Self {
        Self {
            number,
            records: 0,
            bytes: 0,
            keys: 0,
            trimmed: 0,
            keys_trimmed: 0,
            finished: 0,
            closed: 0,
            boundary: String::new(),
        }
    }

    pub(crate) fn read(
        topics: &impl ReadableTable<(u32, &'static str), TopicColumns<'static>>,
        log: u32,
        name: &str,
    ) -> Result<Option<Self>, redb::StorageError> {
        Ok(topics.get((log, name))?.map(|row| Self::of(row.value())))
    }

    fn of(row: TopicColumns<'_>) -> Self {
        let (number, records, bytes, keys, trimmed, keys_trimmed, finished, closed, boundary) = row;
        let boundary = boundary.to_owned();
        Self { number, records, bytes, keys, trimmed, keys_trimmed, finished, closed, boundary }
    }

    pub(crate) fn write(
        &self,
        topics: &mut Table<'_, (u32, &'static str), TopicColumns<'static>>,
        log: u32,
        name: &str,
    ) -> Result<(), redb::StorageError> {
        let Self { number, records, bytes, keys, trimmed, keys_trimmed, finished, closed, boundary } = self;
        let row =
            (*number, *records, *bytes, *keys, *trimmed, *keys_trimmed, *finished, *closed, &**boundary);
        topics.insert((log, name), row).map(drop)
    }

    pub(crate) fn bounds(&self, last: u64) -> Bounds {
        let mut bounds = Bounds::at(last);
        (bounds.trimmed, bounds.keys_trimmed) = (self.trimmed, self.keys_trimmed);
        (bounds.finished, bounds.closed) = ((self.finished > 0).then_some(self.finished), self.closed);
        bounds
    }
}
