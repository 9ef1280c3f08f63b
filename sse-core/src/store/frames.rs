//! The frames of records.

use std::sync::Arc;

use super::Epoch;
use super::bounds::Stored;
use super::fields::Lent;
use super::record::{Record, RecordKind};
use crate::encode::{Chunk, Frame, Ids, Sequence, Unsequenced};
use crate::event::SseEvent as _;
use crate::field::EncodeError;

/// The frame of a record, with its position as its ID where it has none of its own.
pub(crate) fn encode(
    topic: &str,
    record: &Record,
    epoch: Epoch,
    position: u64,
) -> Result<Unsequenced, EncodeError> {
    crate::encode::write(topic, ids(epoch, position), |encoder| record.encode(encoder))
}

const fn ids(epoch: Epoch, position: u64) -> Ids {
    Ids::OrCursor(Sequence { epoch: epoch.bytes(), next: position })
}

/// The frames of records that come one after the other, those of events, with their positions.
pub(crate) struct FramesOf {
    topic: Arc<str>,
    epoch: Epoch,
    together: Together,
    /// Those whose chunk is not full yet have a position, and no frame.
    chunk: Chunk,
    positions: Vec<u64>,
    frames: Vec<(u64, Frame)>,
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
        Self { topic, epoch, together, chunk: Chunk::default(), positions: Vec::new(), frames: Vec::new() }
    }

    /// Those of all these.
    pub(crate) fn all(topic: Arc<str>, epoch: Epoch, together: Together, records: &[Stored]) -> Self {
        let mut frames = Self::new(topic, epoch, together);
        frames.reserve(records.len());
        if let Together::Bytes(most) = together {
            let bytes = records.iter().map(|stored| stored.record.data().len() + AROUND).sum::<usize>();
            frames.chunk = Chunk::with_capacity(records.len(), bytes.min(most.saturating_add(SPARE)));
        }
        records.iter().for_each(|stored| frames.push(stored.position, &stored.record.lend()));
        frames
    }

    /// Makes room for those of so many more records.
    pub(crate) fn reserve(&mut self, records: usize) {
        self.frames.reserve(records);
    }

    /// Adds that of a record, if it is one of an event. What another program wrote may be illegal on the wire: nobody gets it.
    pub(crate) fn push(&mut self, position: u64, record: &Lent<'_>) {
        if record.kind != RecordKind::Event {
            return;
        }
        let ids = ids(self.epoch, position);
        match self.together {
            Together::Each => {
                let event = crate::encode::write(&self.topic, ids, |encoder| record.encode(encoder));
                self.frames.extend(event.ok().map(|event| (position, event.freeze())));
            }
            Together::Bytes(most) => {
                if self.chunk.write(&self.topic, ids, |encoder| record.encode(encoder)).is_ok() {
                    self.positions.push(position);
                }
                if self.chunk.len() >= most {
                    let events = self.positions.len();
                    self.end_chunk(Chunk::with_capacity(events, most.saturating_add(SPARE)));
                }
            }
        }
    }

    fn end_chunk(&mut self, next: Chunk) {
        let mut chunk = std::mem::replace(&mut self.chunk, next);
        // What has grown has room to grow on.
        chunk.shrink();
        self.frames.extend(self.positions.drain(..).zip(chunk.freeze()));
    }

    pub(crate) fn into_frames(mut self) -> Vec<(u64, Frame)> {
        self.end_chunk(Chunk::default());
        self.frames
    }
}
