//! How a record lies in the file.
//!
//! One byte for the version, which is 1; eight bytes for the time, in milliseconds since 1970; then each field: the length of
//! its name, its name, the length of its value, its value. Numbers are little-endian, lengths have four bytes.

use std::time::{Duration, SystemTime};

use typed_sse_core::store::{Record, RecordError, RecordKind, StoreError, StoreErrorKind, Stored};

const VERSION: u8 = 1;

/// The longest record that is taken.
pub(crate) const MOST_BYTES: usize = 64 << 20;

/// A record on its way into the file.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) kind: RecordKind,
    pub(crate) topic: String,
    pub(crate) id: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) is_tombstone: bool,
    /// Of the data, which is what a topic's bound counts.
    pub(crate) data_bytes: usize,
    pub(crate) value: Vec<u8>,
}

impl Entry {
    pub(crate) fn new(record: &Record, at: SystemTime) -> Result<Self, StoreError> {
        let at = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        let mut value = Vec::with_capacity(record.data().len() + 64);
        value.push(VERSION);
        value.extend_from_slice(&u64::try_from(at).unwrap_or(u64::MAX).to_le_bytes());
        for (name, text) in record.fields() {
            for part in [name, &text] {
                let length = u32::try_from(part.len()).map_err(|_| too_long())?;
                value.extend_from_slice(&length.to_le_bytes());
                value.extend_from_slice(part.as_bytes());
            }
        }
        if value.len() > MOST_BYTES {
            return Err(too_long());
        }
        Ok(Self {
            kind: record.kind(),
            topic: record.topic().to_owned(),
            id: record.id().map(|id| id.as_str().to_owned()),
            key: record.key().map(str::to_owned),
            is_tombstone: record.is_tombstone(),
            data_bytes: record.data().len(),
            value,
        })
    }
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

/// Reads what [`Entry::new`] wrote.
pub(crate) fn read(position: u64, value: &[u8]) -> Result<Stored, ValueError> {
    let (at, fields) = head(value)?;
    let mut parts = Parts { fields, is_torn: false };
    // Lent from the file until it is clear which of them are kept: what is copied is what a reader is given.
    let record = Record::from_fields(&mut parts);
    if parts.is_torn {
        return Err(ValueError::Torn);
    }
    Ok(Stored::new(position, SystemTime::UNIX_EPOCH.checked_add(at), record.map_err(ValueError::Record)?))
}

/// When it was stored, after 1970.
pub(crate) fn at(value: &[u8]) -> Duration {
    head(value).map(|(at, _)| at).unwrap_or_default()
}

fn head(value: &[u8]) -> Result<(Duration, &[u8]), ValueError> {
    let (version, rest) = value.split_first().ok_or(ValueError::Torn)?;
    if *version != VERSION {
        return Err(ValueError::Newer);
    }
    let (at, fields) = rest.split_first_chunk().ok_or(ValueError::Torn)?;
    Ok((Duration::from_millis(u64::from_le_bytes(*at)), fields))
}

/// The fields, each with its name, up to the end or to where it is torn.
struct Parts<'a> {
    fields: &'a [u8],
    is_torn: bool,
}

impl<'a> Iterator for Parts<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.fields.is_empty() || self.is_torn {
            return None;
        }
        let part = text(&mut self.fields).zip(text(&mut self.fields));
        self.is_torn = part.is_none();
        part
    }
}

fn text<'a>(fields: &mut &'a [u8]) -> Option<&'a str> {
    let (length, rest) = fields.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (text, rest) = rest.split_at_checked(length)?;
    *fields = rest;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_and_a_torn_one_is_an_error() {
        let fields = [("event", "price"), ("data", "a\nb"), ("id", "7"), ("trace", "x"), ("späte", "\0ü")];
        let record = Record::from_fields(fields).unwrap();
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_234_567);
        let value = Entry::new(&record, at).unwrap().value;
        assert_eq!(read(3, &value).unwrap(), Stored::new(3, Some(at), record));
        for length in 0..value.len() {
            assert!(read(3, &value[..length]).is_err() || length > 9, "{length} bytes");
            let _no_panic = read(3, &value[..length]);
        }
        let mut newer = value;
        newer[0] = 2;
        assert!(matches!(read(3, &newer), Err(ValueError::Newer)));
    }
}
