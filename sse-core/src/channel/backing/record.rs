//! The frame of a record.

use crate::encode::{Chunk, Ids, Sequence, Unsequenced};
use crate::event::SseEvent as _;
use crate::field::EncodeError;
use crate::store::{Epoch, Record};

/// The frame of a record, with its position as its ID where it has none of its own.
pub(crate) fn encode(
    topic: &str,
    record: &Record,
    epoch: Epoch,
    position: u64,
) -> Result<Unsequenced, EncodeError> {
    crate::encode::write(topic, ids(epoch, position), |encoder| record.encode(encoder))
}

/// The same, with others.
pub(super) fn encode_into(
    chunk: &mut Chunk,
    topic: &str,
    record: &Record,
    (epoch, position): (Epoch, u64),
) -> Result<(), EncodeError> {
    chunk.write(topic, ids(epoch, position), |encoder| record.encode(encoder))
}

const fn ids(epoch: Epoch, position: u64) -> Ids {
    Ids::OrCursor(Sequence { epoch: epoch.bytes(), next: position })
}
