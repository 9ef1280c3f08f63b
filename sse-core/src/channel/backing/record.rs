//! The frame of a record.

use crate::encode::{Ids, Sequence, Unsequenced};
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
    let ids = Ids::OrCursor(Sequence { epoch: epoch.bytes(), next: position });
    crate::encode::write(topic, ids, |encoder| record.encode(encoder))
}
