//! A batch on its way to the writer's thread: as much of the work as can be done before is done.

use std::time::SystemTime;

use typed_sse_core::store::{Batch, Record, RecordKind, StoreError, StoredLog, Token};

use crate::value::Block;

/// Records to be appended.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) log: StoredLog,
    pub(crate) runs: Vec<Run>,
    pub(crate) token: Option<Token>,
}

/// Neighbours of one topic, of one life of it: a [`Close`](RecordKind::Close) is the first of its run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) topic: String,
    pub(crate) entries: Vec<Entry>,
    /// The same, as they lie in the file.
    pub(crate) blocks: Vec<Block>,
}

/// What the file says of a record beside its block.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) kind: RecordKind,
    pub(crate) id: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) is_tombstone: bool,
    /// Of the data, which is what a topic's bound counts.
    pub(crate) data_bytes: usize,
}

impl Append {
    pub(crate) fn new(log: &StoredLog, batch: Batch<'_>, now: SystemTime) -> Result<Self, StoreError> {
        let runs = batch.records.chunk_by(are_of_one_run).map(|records| Run::new(records, now));
        let runs = runs.collect::<Result<_, _>>()?;
        Ok(Self { log: log.clone(), runs, token: batch.token.cloned() })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.runs.iter().map(Run::bytes).sum()
    }

    pub(crate) fn len(&self) -> usize {
        self.runs.iter().map(|run| run.entries.len()).sum()
    }
}

/// To compare empty texts is slow on some processors: their bytes lie nowhere.
fn are_of_one_run(one: &Record, next: &Record) -> bool {
    let (topic, of_next) = (one.topic(), next.topic());
    next.kind() != RecordKind::Close && topic.len() == of_next.len() && (topic.is_empty() || topic == of_next)
}

impl Run {
    fn new(records: &[Record], now: SystemTime) -> Result<Self, StoreError> {
        let topic = records.first().map(Record::topic).unwrap_or_default();
        let mut blocks: Vec<Block> = Vec::new();
        for (n, record) in records.iter().enumerate() {
            if blocks.last().is_none_or(Block::is_full) {
                // Those that follow are most likely as long.
                let room = (record.data().len() + 32).saturating_mul(records.len() - n).min(1 << 16);
                blocks.push(Block::new(topic, now, room.max(record.data().len()))?);
            }
            if let Some(block) = blocks.last_mut() {
                block.push(record)?;
            }
        }
        Ok(Self { topic: topic.to_owned(), entries: records.iter().map(Entry::new).collect(), blocks })
    }

    fn bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(|block| block.bytes.len()).sum();
        blocks + self.topic.len() + self.entries.len() * size_of::<Entry>()
    }
}

impl Entry {
    fn new(record: &Record) -> Self {
        Self {
            kind: record.kind(),
            id: record.id().map(|id| id.as_str().to_owned()),
            key: record.key().map(str::to_owned),
            is_tombstone: record.is_tombstone(),
            data_bytes: record.data().len(),
        }
    }
}
