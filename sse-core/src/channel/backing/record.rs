//! The frames of records.

use crate::encode::{Chunk, Frame, Ids, Sequence, Unsequenced};
use crate::event::SseEvent as _;
use crate::field::EncodeError;
use crate::store::{Epoch, Record, RecordKind, Stored};

/// The frame of a record, with its position as its ID where it has none of its own.
pub(crate) fn encode(
    topic: &str,
    record: &Record,
    epoch: Epoch,
    position: u64,
) -> Result<Unsequenced, EncodeError> {
    crate::encode::write(topic, ids(epoch, position), |encoder| record.encode(encoder))
}

/// The frames of the events among these, with their positions.
pub(crate) fn encode_each(topic: &str, records: &[Stored], epoch: Epoch) -> Vec<(u64, Frame)> {
    let events = records.iter().filter(|stored| stored.record.kind() == RecordKind::Event);
    // What another program wrote may be illegal on the wire: nobody gets it.
    let frames = events.filter_map(|Stored { position, record, .. }| {
        let event = encode(topic, record, epoch, *position).ok()?;
        Some((*position, event.freeze()))
    });
    frames.collect()
}

/// The same; so many bytes of them and a last one share an allocation.
pub(crate) fn encode_all(
    topic: &str,
    records: &[Stored],
    epoch: Epoch,
    together: usize,
) -> Vec<(u64, Frame)> {
    let (mut frames, mut positions) = (Vec::with_capacity(records.len()), Vec::with_capacity(records.len()));
    let room = |rest: &[Stored]| {
        let bytes = rest.iter().map(|stored| stored.record.data().len() + topic.len() + AROUND);
        Chunk::with_capacity(rest.len(), bytes.sum::<usize>().min(together.saturating_add(SPARE)))
    };
    let mut chunk = room(records);
    for (n, Stored { position, record, .. }) in records.iter().enumerate() {
        if record.kind() != RecordKind::Event {
            continue;
        }
        // What another program wrote may be illegal on the wire: nobody gets it.
        if chunk.write(topic, ids(epoch, *position), |encoder| record.encode(encoder)).is_ok() {
            positions.push(*position);
        }
        if chunk.len() >= together {
            let full = std::mem::replace(&mut chunk, room(&records[n + 1..]));
            frames.extend(positions.drain(..).zip(full.freeze()));
        }
    }
    frames.extend(positions.into_iter().zip(chunk.freeze()));
    frames
}

/// The last event of those that share an allocation fits, if it is no longer than this.
const SPARE: usize = 4 << 10;

/// About so many bytes stand around the data of an event.
const AROUND: usize = 64;

const fn ids(epoch: Epoch, position: u64) -> Ids {
    Ids::OrCursor(Sequence { epoch: epoch.bytes(), next: position })
}
