//! Many events, of which neighbours share an allocation.

use std::sync::Arc;

use bytes::Bytes;

use super::Frame;
use super::marks::{Marks, Sequence};
use super::whole::Whole;
use crate::field::EncodeError;

/// Events at positions that grow.
#[derive(Default)]
pub(crate) struct Packed {
    chunks: Vec<Arc<Chunk>>,
    len: usize,
    bytes: usize,
}

/// Neighbours, at least one. As long as the frame of one lives, the bytes of all do.
pub(crate) struct Chunk {
    bytes: Bytes,
    places: Vec<Place>,
}

/// Where an event lies in its chunk.
struct Place {
    position: u64,
    start: usize,
    len: u32,
    marks: Marks,
}

/// One of the events.
#[derive(Clone, Copy)]
pub(crate) struct At {
    pub(crate) chunk: usize,
    pub(crate) index: usize,
}

/// What a chunk takes besides its bytes and places, with what counts those who have it, and an allocator's own.
const AROUND: usize = size_of::<Chunk>() + 12 * size_of::<usize>();

impl Packed {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// How much memory they take.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn chunk(&self, index: usize) -> Option<&Arc<Chunk>> {
        self.chunks.get(index)
    }

    /// The first event behind this position: where it would be, if there is none.
    pub(crate) fn behind(&self, position: u64) -> At {
        let chunk = self.chunks.partition_point(|chunk| chunk.last() <= position);
        let places = self.chunks.get(chunk).map_or(&[][..], |chunk| &chunk.places);
        At { chunk, index: places.partition_point(|place| place.position <= position) }
    }

    /// The event before this one, and its position.
    pub(crate) fn before(&self, at: At) -> Option<(u64, Frame)> {
        match at.index.checked_sub(1) {
            Some(index) => self.chunks.get(at.chunk)?.get(index),
            None => {
                let chunk = self.chunks.get(at.chunk.checked_sub(1)?)?;
                chunk.get(chunk.places.len() - 1)
            }
        }
    }

    /// The position of an event.
    pub(crate) fn position(&self, at: At) -> Option<u64> {
        self.chunks.get(at.chunk)?.position(at.index)
    }

    /// The position of so many-th event behind this one; or how many are missing to that.
    pub(crate) fn nth_behind(&self, position: u64, mut nth: usize) -> Result<u64, usize> {
        let At { chunk, index } = self.behind(position);
        let mut skipped = index;
        for chunk in self.chunks.iter().skip(chunk) {
            let places = chunk.places.get(std::mem::take(&mut skipped)..).unwrap_or_default();
            if let Some(place) = nth.checked_sub(1).and_then(|before| places.get(before)) {
                return Ok(place.position);
            }
            nth -= places.len();
        }
        Err(nth)
    }

    pub(crate) fn into_iter(self) -> impl Iterator<Item = (u64, Frame)> {
        self.chunks.into_iter().flat_map(|chunk| (0..).map_while(move |index| chunk.get(index)))
    }

    fn push(&mut self, bytes: Bytes, places: Vec<Place>, room: usize) {
        self.len += places.len();
        self.bytes += room + places.capacity() * size_of::<Place>() + AROUND;
        self.chunks.push(Arc::new(Chunk { bytes, places }));
    }
}

impl Chunk {
    /// An event, and its position.
    pub(crate) fn get(&self, index: usize) -> Option<(u64, Frame)> {
        Some((self.position(index)?, self.frame(index)?))
    }

    /// The position of an event.
    #[inline]
    pub(crate) fn position(&self, index: usize) -> Option<u64> {
        self.places.get(index).map(|place| place.position)
    }

    #[inline]
    pub(crate) fn frame(&self, index: usize) -> Option<Frame> {
        let Place { start, len, marks, .. } = self.places.get(index)?;
        Some(Frame::new(self.bytes.slice(*start..start + *len as usize), *marks))
    }

    fn last(&self) -> u64 {
        self.places.last().map_or(0, |place| place.position)
    }
}

/// Packs events.
#[derive(Default)]
pub(crate) struct Packer {
    /// The chunk in the making,
    bytes: Vec<u8>,
    places: Vec<Place>,
    /// and those that are full.
    packed: Packed,
}

impl Packer {
    /// How much memory the chunk takes that is being written.
    #[inline]
    pub(crate) fn chunk_bytes(&self) -> usize {
        self.bytes.len() + self.places.len() * size_of::<Place>()
    }

    /// Adds an event to the chunk; nothing, where that fails.
    #[inline]
    pub(crate) fn write(
        &mut self,
        position: u64,
        topic: &str,
        cursor: Sequence,
        event: &Whole<'_>,
    ) -> Result<(), EncodeError> {
        let start = self.bytes.len();
        match event.write(&mut self.bytes, topic, cursor) {
            Ok(marks) => {
                let len = (self.bytes.len() - start) as u32;
                self.places.push(Place { position, start, len, marks });
                Ok(())
            }
            Err(error) => {
                self.bytes.truncate(start);
                Err(error)
            }
        }
    }

    /// Makes room in the chunk for so many events, of so many bytes in all.
    pub(crate) fn reserve(&mut self, events: usize, bytes: usize) {
        self.places.reserve(events);
        self.bytes.reserve(bytes);
    }

    /// Begins another chunk, with room for about as much as there is in this one.
    pub(crate) fn next_chunk(&mut self) {
        let (bytes, events) = (self.bytes.len(), self.places.len());
        self.end_chunk();
        self.reserve(events + events / 8, bytes + bytes / 8);
    }

    fn end_chunk(&mut self) {
        let (mut bytes, mut places) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.places));
        if places.is_empty() {
            return;
        }
        // What has grown has room to grow on.
        shrink(&mut bytes);
        shrink(&mut places);
        let room = bytes.capacity();
        self.packed.push(Bytes::from(bytes), places, room);
    }

    /// Makes a chunk of what was written that has no byte to spare.
    pub(crate) fn end_exactly(&mut self) {
        let (bytes, places) = (Bytes::copy_from_slice(&self.bytes), self.places.drain(..).collect());
        self.packed.push(bytes, places, self.bytes.len());
        self.bytes.clear();
    }

    pub(crate) fn finish(mut self) -> Packed {
        self.end_chunk();
        self.packed
    }
}

/// Gives back the room that is not used, where that is more than a quarter.
fn shrink<T>(full: &mut Vec<T>) {
    if full.len() < full.capacity() / 4 * 3 {
        full.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Epoch, FramesOf, Record, Stored, Together};

    fn packed(together: Together, len: usize, count: u64) -> Packed {
        let data = "x".repeat(len);
        let record = Record::from_fields([("data", &*data)]).unwrap();
        let records: Vec<_> = (1..=count).map(|n| Stored::new(n, None, record.clone())).collect();
        FramesOf::all(Arc::from(""), Epoch::random(), together, &records)
    }

    fn memory(chunk: &Chunk) -> usize {
        chunk.bytes.len() + chunk.places.capacity() * size_of::<Place>()
    }

    /// One that does not read holds a chunk: of short events, their places are most of it.
    #[test]
    fn a_chunk_takes_no_more_whatever_its_events_are() {
        for len in [0, 10, 100, 1000, 10_000] {
            let packed = packed(Together::Bytes(16 << 10), len, 2_000);
            assert_eq!(packed.len(), 2_000);
            let most = packed.chunks.iter().map(|chunk| memory(chunk)).max();
            assert!(
                most.is_some_and(|most| most < (22 << 10) + len),
                "{most:?} bytes, of {len} bytes of data"
            );
        }
    }

    #[test]
    fn an_event_by_itself_takes_one_place() {
        let packed = packed(Together::Each, 10, 20);
        assert_eq!(packed.chunks.len(), 20);
        assert!(packed.chunks.iter().all(|chunk| chunk.places.capacity() == 1));
    }

    #[test]
    fn an_event_is_found_by_its_position() {
        for together in [Together::Each, Together::Bytes(400), Together::Bytes(usize::MAX)] {
            let packed = packed(together, 10, 20);
            for position in 0..=21 {
                let at = packed.behind(position);
                assert_eq!(packed.position(at), Some(position + 1).filter(|next| *next <= 20));
                let before = packed.before(at).map(|(position, _)| position);
                assert_eq!(before, Some(position.min(20)).filter(|before| *before > 0), "behind {position}");
            }
            let frames: Vec<_> = packed.into_iter().collect();
            assert!(frames.iter().zip(1..).all(|((position, frame), n)| {
                *position == n && frame.id().is_some_and(|id| id.ends_with(&format!("-{n}")))
            }));
        }
    }
}
