//! Many events in one allocation.

use bytes::Bytes;

use super::buffer::Buffer;
use super::marks::Marks;
use super::{Encoded, Encoder, Frame, Ids};
use crate::field::EncodeError;

/// Events that are written one behind the other, for those that come and go together: as long as one frame of them lives, all do.
#[derive(Default)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    /// Where each ends, and the places in it.
    events: Vec<(usize, Marks)>,
}

impl Chunk {
    /// With room for so many events, of so many bytes in all.
    pub(crate) fn with_capacity(events: usize, bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), events: Vec::with_capacity(events) }
    }

    /// Adds an event as [`write`](super::write) makes one; nothing, where that fails.
    pub(crate) fn write(
        &mut self,
        topic: &str,
        ids: Ids,
        write: impl for<'a> FnOnce(Encoder<'a>) -> Result<Encoded<'a>, EncodeError>,
    ) -> Result<(), EncodeError> {
        let start = self.bytes.len();
        let mut buffer = Buffer::behind(std::mem::take(&mut self.bytes), topic, ids);
        let written = write(Encoder::new(&mut buffer)).map(|_whole| ());
        self.bytes = buffer.bytes;
        match written {
            Ok(()) => self.events.push((self.bytes.len(), buffer.marks)),
            Err(_) => self.bytes.truncate(start),
        }
        written
    }

    /// Gives back the room that is not used, where that is more than a quarter.
    pub(crate) fn shrink(&mut self) {
        if self.bytes.len() < self.bytes.capacity() / 4 * 3 {
            self.bytes.shrink_to_fit();
        }
    }

    /// So many bytes were written.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Their frames, in order.
    pub(crate) fn freeze(self) -> impl Iterator<Item = Frame> {
        let mut rest = Bytes::from(self.bytes);
        let mut start = 0;
        self.events.into_iter().map(move |(end, marks)| {
            let bytes = rest.split_to(end - start);
            start = end;
            Frame::new(bytes, marks)
        })
    }
}
