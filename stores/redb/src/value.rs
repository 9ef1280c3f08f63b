//! How records lie in the file: neighbours of one topic in one block, so that they are written and found together.

use std::iter::Chain;
use std::option::IntoIter;
use std::time::{Duration, SystemTime};

use typed_sse_core::store::{Record, RecordError, Sink, StoreError, StoreErrorKind, Stored};

const VERSION: u8 = 1;

/// The longest record that is taken.
pub(crate) const MOST_BYTES: usize = 64 << 20;

/// A block ends with the record that makes it so long, or this many.
const BLOCK_BYTES: usize = 32 << 10;
const BLOCK_RECORDS: u32 = 128;

/// Of the version, the time and the number of records.
const HEAD: usize = 1 + 8 + 4;

/// The fields that have a number; others have their name.
const NAMES: [&str; 6] = ["event", "data", "id", "retry", "key", "flags"];

/// The field `topic` stands once for all of a block.
const TOPIC: &str = "topic";

/// A block in the making. See [the crate](crate) for its form.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: u32,
}

impl Block {
    /// An empty one, with room for about so many bytes.
    pub(crate) fn new(topic: &str, at: SystemTime, room: usize) -> Result<Self, StoreError> {
        let at = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        let mut bytes = Vec::with_capacity(HEAD + 4 + topic.len() + room);
        bytes.push(VERSION);
        bytes.extend_from_slice(&u64::try_from(at).unwrap_or(u64::MAX).to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        write_text(&mut bytes, topic)?;
        Ok(Self { bytes, records: 0 })
    }

    pub(crate) fn push(&mut self, record: &Record) -> Result<(), StoreError> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        for (name, text) in record.fields().filter(|(name, _)| *name != TOPIC) {
            write_name(&mut self.bytes, name)?;
            write_text(&mut self.bytes, &text)?;
        }
        let length = self.bytes.len() - start - 4;
        if length > MOST_BYTES {
            return Err(too_long());
        }
        self.bytes[start..start + 4].copy_from_slice(&(length as u32).to_le_bytes());
        self.records += 1;
        self.bytes[HEAD - 4..HEAD].copy_from_slice(&self.records.to_le_bytes());
        Ok(())
    }

    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= BLOCK_BYTES || self.records >= BLOCK_RECORDS
    }
}

fn write_name(bytes: &mut Vec<u8>, name: &str) -> Result<(), StoreError> {
    match NAMES.iter().position(|known| *known == name) {
        Some(number) => bytes.push(number as u8 + 1),
        None => {
            bytes.push(0);
            write_text(bytes, name)?;
        }
    }
    Ok(())
}

fn write_text(bytes: &mut Vec<u8>, text: &str) -> Result<(), StoreError> {
    let length = u32::try_from(text.len()).map_err(|_| too_long())?;
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    Ok(())
}

fn too_long() -> StoreError {
    let words = format!("a record can have {} MiB: keep what is longer elsewhere", MOST_BYTES >> 20);
    StoreError::new(StoreErrorKind::TooLong, words)
}

/// Why bytes are no record.
#[derive(Debug)]
pub(crate) enum ValueError {
    Torn,
    Newer,
    Record(RecordError),
}

/// A block in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lent<'a> {
    /// The positions of its first and its last record.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// When it was stored, after 1970.
    pub(crate) at: Duration,
    pub(crate) topic: &'a str,
    records: &'a [u8],
}

impl<'a> Lent<'a> {
    /// Reads what [`Block`] wrote, whose last record has this position.
    pub(crate) fn read(last: u64, value: &'a [u8]) -> Result<Self, ValueError> {
        let (version, rest) = value.split_first().ok_or(ValueError::Torn)?;
        if *version != VERSION {
            return Err(ValueError::Newer);
        }
        let (at, rest) = rest.split_first_chunk().ok_or(ValueError::Torn)?;
        let (count, mut records) = rest.split_first_chunk().ok_or(ValueError::Torn)?;
        let count = u64::from(u32::from_le_bytes(*count));
        let topic = text(&mut records).ok_or(ValueError::Torn)?;
        let first = (last + 1).checked_sub(count).filter(|first| *first <= last).ok_or(ValueError::Torn)?;
        Ok(Self { first, last, at: Duration::from_millis(u64::from_le_bytes(*at)), topic, records })
    }

    /// Its records from this position on.
    pub(crate) fn from(self, position: u64) -> impl Iterator<Item = Result<Raw<'a>, ValueError>> {
        let Self { first, last, at, topic, mut records } = self;
        let all = (first..=last).map(move |position| {
            let fields = part(&mut records).ok_or(ValueError::Torn)?;
            Ok(Raw { position, at, topic, fields })
        });
        all.skip(usize::try_from(position.saturating_sub(first)).unwrap_or(usize::MAX))
    }
}

/// A record in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a> {
    pub(crate) position: u64,
    at: Duration,
    topic: &'a str,
    fields: &'a [u8],
}

impl<'a> Raw<'a> {
    pub(crate) fn decode(self) -> Result<Stored, ValueError> {
        let record = self.read(|fields| Record::from_fields(fields))?;
        Ok(Stored::new(self.position, self.at(), record))
    }

    #[inline]
    pub(crate) fn put_into(self, sink: &mut Sink) -> Result<(), ValueError> {
        self.read(|fields| sink.put(self.position, self.at(), fields))
    }

    /// Lends the fields from the file: what is copied is what a reader is given.
    // A call would put the record into memory to read it from there: that takes longer than to read it.
    #[inline(always)]
    fn read<T>(
        self,
        read: impl for<'f> FnOnce(WithTopic<'f, 'a>) -> Result<T, RecordError>,
    ) -> Result<T, ValueError> {
        let mut fields = Fields { bytes: self.fields, is_torn: false };
        let topic = (!self.topic.is_empty()).then_some((TOPIC, self.topic));
        let read = read(topic.into_iter().chain(&mut fields));
        if fields.is_torn {
            return Err(ValueError::Torn);
        }
        read.map_err(ValueError::Record)
    }

    fn at(self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(self.at)
    }

    /// The value of a field; empty if it has none.
    pub(crate) fn field(self, name: &str) -> &'a str {
        let mut fields = Fields { bytes: self.fields, is_torn: false };
        fields.find(|(found, _)| *found == name).map(|(_, value)| value).unwrap_or_default()
    }

    /// A block of it alone.
    pub(crate) fn to_block(self) -> Vec<u8> {
        let at = u64::try_from(self.at.as_millis()).unwrap_or(u64::MAX).to_le_bytes();
        let lengths = [self.topic.len(), self.fields.len()].map(|length| (length as u32).to_le_bytes());
        let [topic, fields] = &lengths;
        [&[VERSION], &at[..], &1_u32.to_le_bytes(), topic, self.topic.as_bytes(), fields, self.fields]
            .concat()
    }
}

/// The topic, then the fields.
type WithTopic<'f, 'a> = Chain<IntoIter<(&'a str, &'a str)>, &'f mut Fields<'a>>;

/// The fields, each with its name, up to the end or to where it is torn.
struct Fields<'a> {
    bytes: &'a [u8],
    is_torn: bool,
}

impl<'a> Fields<'a> {
    #[inline]
    fn read(&mut self) -> Option<(&'a str, &'a str)> {
        let (number, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        let name = match number.checked_sub(1) {
            Some(number) => NAMES.get(usize::from(number)).copied()?,
            None => text(&mut self.bytes)?,
        };
        Some((name, text(&mut self.bytes)?))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a str, &'a str);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() || self.is_torn {
            return None;
        }
        let field = self.read();
        self.is_torn = field.is_none();
        field
    }
}

/// Bytes behind their length.
#[inline]
fn part<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (part, rest) = rest.split_at_checked(length)?;
    *bytes = rest;
    Some(part)
}

#[inline]
fn text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    std::str::from_utf8(part(bytes)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(last: u64, value: &[u8]) -> Result<Vec<Stored>, ValueError> {
        Lent::read(last, value)?.from(0).map(|raw| raw?.decode()).collect()
    }

    #[test]
    fn records_come_back_and_a_torn_block_is_an_error() {
        let fields = [("event", "price"), ("data", "a\nb"), ("id", "7"), ("trace", "x"), ("späte", "\0ü")];
        let topic = [("topic", "t")];
        let all = [&fields[..], &[("data", "")], &[("flags", "finish")]];
        let records = all.map(|fields| Record::from_fields(fields.iter().copied().chain(topic)).unwrap());
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_234_567);
        let mut block = Block::new("t", at, 0).unwrap();
        records.iter().for_each(|record| block.push(record).unwrap());
        let value = block.bytes;
        let [one, two, three] = records;
        let stored = [(3, one), (4, two), (5, three)].map(|(n, record)| Stored::new(n, Some(at), record));
        assert_eq!(read(5, &value).unwrap(), stored);
        for length in 0..value.len() {
            assert!(read(5, &value[..length]).is_err(), "{length} bytes");
        }
        assert!(read(1, &value).is_err(), "three records need three positions");

        let last = Lent::read(5, &value).unwrap().from(4).next().unwrap().unwrap();
        assert_eq!((last.position, last.field("data")), (4, ""));
        assert_eq!(read(4, &last.to_block()).unwrap(), stored[1..2]);

        let mut newer = value;
        newer[0] = 2;
        assert!(matches!(read(3, &newer), Err(ValueError::Newer)));
    }
}
