//! The frames of records.

use std::sync::Arc;

use super::Epoch;
use super::bounds::Stored;
use super::error::RecordError;
use super::fields::{Fields, Lent};
use super::record::{Record, RecordKind};
use crate::encode::{Ids, Packed, Packer, Sequence, Unsequenced};
use crate::event::SseEvent as _;
use crate::field::EncodeError;

/// The frame of a record, with its position as its ID where it has none of its own.
pub(crate) fn encode(
    topic: &str,
    record: &Record,
    epoch: Epoch,
    position: u64,
) -> Result<Unsequenced, EncodeError> {
    let ids = Ids::OrCursor(Sequence { epoch: epoch.bytes(), next: position });
    crate::encode::write(topic, ids, |encoder| record.encode(encoder))
}

/// The frames of records that come one after the other, those of events, with their positions.
pub(crate) struct FramesOf {
    topic: Arc<str>,
    epoch: Epoch,
    together: Together,
    packer: Packer,
}

/// Which frames share an allocation, which is there as long as one of them is on its way to a client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Together {
    /// Each has its own.
    Each,
    /// So many bytes of them and a last one.
    Bytes(usize),
}

/// The last of those that share an allocation fits, if it is no longer than this.
const SPARE: usize = 4 << 10;

/// About so many bytes stand around the data of an event.
const AROUND: usize = 64;

impl FramesOf {
    /// Of records of this topic.
    pub(crate) fn new(topic: Arc<str>, epoch: Epoch, together: Together) -> Self {
        Self { topic, epoch, together, packer: Packer::default() }
    }

    /// Those of all these.
    pub(crate) fn all(topic: Arc<str>, epoch: Epoch, together: Together, records: &[Stored]) -> Packed {
        let mut frames = Self::new(topic, epoch, together);
        if let Together::Bytes(most) = together {
            let bytes = records.iter().map(|stored| stored.record.data().len() + AROUND).sum::<usize>();
            frames.packer.reserve(records.len().min(most / AROUND), bytes.min(most.saturating_add(SPARE)));
        }
        records.iter().for_each(|stored| frames.push(stored.position, &stored.record.lend()));
        frames.finish()
    }

    /// Makes room for those of so many more records, as many as a chunk may have.
    pub(crate) fn reserve(&mut self, records: usize) {
        if let Together::Bytes(most) = self.together {
            let bytes = most.saturating_add(SPARE).min(records.saturating_mul(2 * AROUND));
            self.packer.reserve(records.min(most / AROUND), bytes);
        }
    }

    /// Adds that of the record with these fields. How many bytes of data it has.
    pub(super) fn put(&mut self, position: u64, fields: &Fields<&str>) -> Result<usize, RecordError> {
        let record = fields.read()?;
        self.push(position, &record);
        Ok(record.event.data.len())
    }

    /// Adds that of a record, if it is one of an event. What is too long for the wire nobody gets.
    #[inline]
    pub(crate) fn push(&mut self, position: u64, record: &Lent<'_>) {
        if record.kind != RecordKind::Event {
            return;
        }
        let cursor = Sequence { epoch: self.epoch.bytes(), next: position };
        if self.packer.write(position, &self.topic, cursor, &record.event).is_err() {
            return;
        }
        match self.together {
            Together::Each => self.packer.end_exactly(),
            Together::Bytes(most) if self.packer.chunk_bytes() < most => {}
            Together::Bytes(_) => self.packer.next_chunk(),
        }
    }

    pub(crate) fn finish(self) -> Packed {
        self.packer.finish()
    }
}
