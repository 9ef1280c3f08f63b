//! What a page is read into.

use std::fmt;
use std::time::SystemTime;

use super::bounds::{Bounds, Page, Stored};
use super::error::RecordError;
#[cfg(feature = "tokio")]
use super::fields::Fields;
#[cfg(feature = "tokio")]
use super::frames::FramesOf;
use super::record::Record;
#[cfg(feature = "tokio")]
use crate::encode::Packed;

/// Takes the records of a page, one after the other, and makes of each what the page is read for: a record again, or what goes to a
/// client.
///
/// [`Store::read_into`](super::Store::read_into) is given one, and gives it back.
///
/// ```
/// use typed_sse_core::store::{Bounds, Record, Sink};
///
/// // As they lie in the file of a store.
/// let rows = [(7, r#"{"price":1}"#), (9, r#"{"price":2}"#)];
/// let mut sink = Sink::records();
/// for (position, data) in rows {
///     sink.put(position, None, [("event", "price"), ("data", data)])?;
/// }
/// assert_eq!((sink.len(), sink.bytes()), (2, 22));
/// sink.end(Bounds::at(9));
/// let page = sink.into_page();
/// assert_eq!(page.records[1].record.data(), r#"{"price":2}"#);
/// # Ok::<(), typed_sse_core::store::RecordError>(())
/// ```
pub struct Sink {
    of: Of,
    len: usize,
    bytes: usize,
    /// The position of the last that was put in.
    last: Option<u64>,
    bounds: Bounds,
}

/// What becomes of the records.
enum Of {
    Records(Vec<Stored>),
    #[cfg(feature = "tokio")]
    Frames(FramesOf),
}

impl Sink {
    /// One that keeps them as they are.
    #[must_use]
    pub const fn records() -> Self {
        Self::new(Of::Records(Vec::new()))
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn frames(frames: FramesOf) -> Self {
        Self::new(Of::Frames(frames))
    }

    const fn new(of: Of) -> Self {
        Self { of, len: 0, bytes: 0, last: None, bounds: Bounds::at(0) }
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, records: usize) {
        match &mut self.of {
            Of::Records(kept) => kept.reserve(records),
            #[cfg(feature = "tokio")]
            Of::Frames(frames) => frames.reserve(records),
        }
    }

    /// Takes the record at a position, in its fields, as [`Record::from_fields`] does. The positions grow.
    ///
    /// # Errors
    ///
    /// As [`Record::from_fields`].
    pub fn put<'a>(
        &mut self,
        position: u64,
        at: Option<SystemTime>,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), RecordError> {
        #[cfg(feature = "tokio")]
        if let Of::Frames(frames) = &mut self.of {
            let mut known = Fields::new();
            fields.into_iter().for_each(|(name, value)| {
                known.take(name, value);
            });
            let bytes = frames.put(position, &known)?;
            self.note(position, bytes);
            return Ok(());
        }
        self.put_stored(Stored::new(position, at, Record::from_fields(fields)?));
        Ok(())
    }

    /// Takes a record.
    pub fn put_stored(&mut self, stored: Stored) {
        self.note(stored.position, stored.record.data().len());
        match &mut self.of {
            Of::Records(records) => records.push(stored),
            #[cfg(feature = "tokio")]
            Of::Frames(frames) => frames.push(stored.position, &stored.record.lend()),
        }
    }

    #[inline]
    fn note(&mut self, position: u64, bytes: usize) {
        self.len += 1;
        self.bytes += bytes;
        self.last = Some(position);
    }

    /// How many were put in.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether none was put in.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many bytes of data they have.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes where the topic, or the log, stood when they were read.
    pub const fn end(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// The position of the last record.
    #[cfg(feature = "tokio")]
    pub(crate) const fn last(&self) -> Option<u64> {
        self.last
    }

    /// Where the log stood, and the frames.
    #[cfg(feature = "tokio")]
    pub(crate) fn into_frames(self) -> (Bounds, Packed) {
        let frames = match self.of {
            Of::Records(_) => Packed::default(),
            Of::Frames(frames) => frames.finish(),
        };
        (self.bounds, frames)
    }

    /// The page of one that [keeps the records](Self::records); of another, it has none.
    #[must_use]
    pub fn into_page(self) -> Page {
        match self.of {
            Of::Records(records) => Page::new(records, self.bounds),
            #[cfg(feature = "tokio")]
            Of::Frames(_) => Page::new(Vec::new(), self.bounds),
        }
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").field("len", &self.len).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "tokio"))]
mod tests {
    use std::sync::Arc;

    use super::super::{Epoch, Together, encode};
    use super::*;

    /// Frames are those that an encoder writes, whether a record was read or lent; and whether they share an allocation.
    #[test]
    fn frames_of_what_is_lent_are_those_of_the_records() {
        let of_one: [&[(&str, &str)]; 12] = [
            &[("data", "x")],
            &[("event", "price"), ("data", "a\nb\r\nc"), ("trace", "7")],
            &[("data", ""), ("id", "own")],
            &[("data", "x"), ("retry", "70"), ("key", "k"), ("event", "message")],
            &[("data", "x"), ("key", "k"), ("flags", "tombstone new")],
            &[("flags", "finish")],
            &[("data", "x"), ("data", "y"), ("flags", "terminal")],
            &[("flags", "close"), ("topic", "a")],
            &[("data", "ünïcödé \u{1f980}\0"), ("topic", "a"), ("event", ""), ("id", ""), ("key", "")],
            &[("data", "x"), ("id", "a\nb")],
            &[("event", "price")],
            &[("data", "x"), ("v", "2")],
        ];
        let epoch = Epoch::random();
        let records = (7..).zip(of_one).filter_map(|(position, fields)| {
            let record = Record::from_fields(fields.iter().copied()).ok()?;
            let event = encode("a", &record, epoch, position).ok()?;
            Some((position, event.freeze()))
        });
        let encoded: Vec<_> = records.collect();
        for together in [Together::Each, Together::Bytes(1), Together::Bytes(50), Together::Bytes(9999)] {
            let sink = || Sink::frames(FramesOf::new(Arc::from("a"), epoch, together));
            let (mut lent, mut copied) = (sink(), sink());
            lent.reserve(3);
            for (position, fields) in (7..).zip(of_one) {
                let put = lent.put(position, None, fields.iter().copied());
                let record = Record::from_fields(fields.iter().copied());
                assert_eq!(format!("{:?}", put.err()), format!("{:?}", record.as_ref().err()));
                record.into_iter().for_each(|record| copied.put_stored(Stored::new(position, None, record)));
            }
            assert_eq!((lent.len(), lent.bytes()), (9, copied.bytes()));
            assert_eq!((lent.last(), copied.last()), (Some(15), Some(15)));
            let [lent, copied] =
                [lent, copied].map(|sink| sink.into_frames().1.into_iter().collect::<Vec<_>>());
            assert_eq!((lent.len(), &lent, &copied), (7, &encoded, &encoded), "on the wire");
            for ((_, frame), (_, encoded)) in lent.iter().chain(&copied).zip(encoded.iter().cycle()) {
                assert_eq!((frame.key(), frame.topic()), (encoded.key(), encoded.topic()));
                assert_eq!(format!("{:?}", frame.marks()), format!("{:?}", encoded.marks()));
            }
        }
    }
}
