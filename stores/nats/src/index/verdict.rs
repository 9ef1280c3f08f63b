//! What becomes of a batch.

use std::collections::HashSet;

use typed_sse_core::store::{Record, RecordKind};

use super::topic::Topic;

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Stored(Vec<u64>),
    Duplicate(Vec<u64>),
    Refused(Refusal),
}

/// Why a batch is not part of the log, though its message is in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    DuplicateId { topic: String, id: String, position: u64 },
    Finished { topic: String },
    Gap { expected: u64 },
    Fenced { epoch: u64 },
    Epoch,
    NoRecord,
}

/// What a topic would be behind the first records of a batch.
pub(super) struct Staged<'a> {
    stored: Option<&'a Topic>,
    is_finished: bool,
    ids: HashSet<&'a str>,
}

impl<'a> Staged<'a> {
    pub(super) fn of(stored: Option<&'a Topic>) -> Self {
        let is_finished = stored.is_some_and(|topic| topic.bounds().finished.is_some());
        Self { stored, is_finished, ids: HashSet::new() }
    }

    pub(super) fn take(&mut self, record: &'a Record) -> Result<(), Refusal> {
        match record.kind() {
            RecordKind::Finish => self.is_finished = true,
            RecordKind::Close => *self = Self { stored: None, is_finished: false, ids: HashSet::new() },
            _ if self.is_finished => return Err(Refusal::Finished { topic: record.topic().to_owned() }),
            _ => {}
        }
        let Some(id) = record.id() else { return Ok(()) };
        let stored = self.stored.and_then(|topic| topic.retained(id.as_str()));
        let is_new = self.ids.insert(id.as_str());
        match stored.or_else(|| (!is_new).then_some(0)) {
            None => Ok(()),
            Some(position) => Err(Refusal::DuplicateId {
                topic: record.topic().to_owned(),
                id: id.as_str().to_owned(),
                position,
            }),
        }
    }
}
