//! What the scripts answer.

use std::time::{Duration, SystemTime};

use redis::Value;
use typed_sse_core::store::{Appended, Bounds, Page, Record, StoreError, StoreErrorKind, Stored};

use crate::position;

/// A list of what a script answers; its first item says what the others are.
pub(crate) struct Reply(Vec<Value>);

impl Reply {
    /// `None` if it is no list.
    pub(crate) fn new(value: Value) -> Option<Self> {
        match value {
            Value::Array(items) => Some(Self(items)),
            _ => None,
        }
    }

    pub(crate) fn into_items(self) -> impl Iterator<Item = Value> {
        self.0.into_iter()
    }

    pub(crate) fn word(&self) -> &str {
        self.text(0)
    }

    /// Empty if it is no text.
    pub(crate) fn text(&self, n: usize) -> &str {
        self.0.get(n).and_then(text).unwrap_or_default()
    }

    pub(crate) fn position(&self, n: usize) -> Option<u64> {
        position::of_text(self.text(n))
    }

    /// What became of a batch; `None` if it is not understood.
    pub(crate) fn appended(&self) -> Option<Result<Appended, StoreError>> {
        let refused = |kind, words: String| Some(Err(StoreError::new(kind, words)));
        match self.word() {
            "stored" => self.positions().map(|positions| Ok(self.stored(positions))),
            "duplicate" => self.positions().map(|positions| Ok(Appended::duplicate(positions))),
            "id" => {
                let words =
                    format!("the topic `{}` retains an event of the ID `{}`", self.text(2), self.text(3));
                refused(StoreErrorKind::DuplicateId { position: self.position(1)? }, words)
            }
            "finished" => {
                let words = format!("the topic `{}` is finished: nothing more can be appended", self.text(1));
                refused(StoreErrorKind::Finished, words)
            }
            "gap" => {
                let expected = self.position(1)?.saturating_add(1);
                let words =
                    format!("batches of the producer are missing before this one: {expected} is the next");
                refused(StoreErrorKind::Gap { expected }, words)
            }
            "fenced" => {
                let words = "the producer goes on in a newer epoch: this one may store nothing".to_owned();
                refused(StoreErrorKind::Fenced { epoch: self.position(1)? }, words)
            }
            "range" => {
                let words =
                    "an entry that another program added has an ID out of range: see `XSETID`".to_owned();
                refused(StoreErrorKind::Other, words)
            }
            _ => None,
        }
    }

    /// With what lay before them, and where their topic stands.
    fn stored(&self, positions: Vec<u64>) -> Appended {
        let appended = Appended::stored(positions);
        let bounds = match self.0.get(4) {
            Some(Value::Array(bounds)) => read_bounds(bounds),
            _ => None,
        };
        match self.position(3).zip(bounds) {
            Some((last, bounds)) => appended.behind(last, bounds),
            None => appended,
        }
    }

    /// They lie one behind the other: the first, and how many.
    fn positions(&self) -> Option<Vec<u64>> {
        let count = match self.0.get(2)? {
            Value::Int(count) => u64::try_from(*count).ok()?,
            _ => return None,
        };
        if count == 0 {
            return Some(Vec::new());
        }
        let first = self.position(1)?;
        Some((first..first.checked_add(count)?).collect())
    }

    /// A page. Its entries are those that were read beside the script, if any were; then as many count as have these bytes.
    pub(crate) fn read(self, beside: Option<Value>, most_bytes: usize) -> Option<Result<Read, StoreError>> {
        let mut items = self.0.into_iter().skip(1);
        let (bounds, own) = (items.next()?, items.next()?);
        let is_sole = matches!(items.next()?, Value::Int(1));
        let longest = Self::new_number(&items.next()?)?;
        let bounds = read_bounds(&Self::new(bounds)?.0)?;
        let (entries, most_bytes) = match beside {
            Some(beside) => (beside, most_bytes),
            None => (own, usize::MAX),
        };
        let mut read = Read { page: Page::new(Vec::new(), bounds), last: None, is_sole, longest, bytes: 0 };
        for entry in Self::new(entries)?.0 {
            if read.bytes > most_bytes {
                break;
            }
            let (position, entry) = read_entry(entry)?;
            read.last = Some(position);
            match entry {
                Ok(entry) => read.take(entry),
                Err(error) => return Some(Err(error)),
            }
        }
        // The newest of a range come first.
        read.page.records.sort_unstable_by_key(|stored| stored.position);
        Some(Ok(read))
    }

    fn new_number(value: &Value) -> Option<usize> {
        match value {
            Value::Int(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }
}

/// A page, and what the next one is asked for with.
pub(crate) struct Read {
    pub(crate) page: Page,
    /// The position of the last entry that it was made of.
    pub(crate) last: Option<u64>,
    /// The log has one topic, which is the one that was asked for.
    pub(crate) is_sole: bool,
    /// So many bytes of data had the longest record ever.
    pub(crate) longest: usize,
    /// So many have those of the page.
    pub(crate) bytes: usize,
}

impl Read {
    fn take(&mut self, entry: Option<Stored>) {
        let Some(stored) = entry else { return };
        self.bytes += stored.record.data().len();
        self.page.records.push(stored);
    }
}

fn read_bounds(reply: &[Value]) -> Option<Bounds> {
    let position = |n: usize| reply.get(n).and_then(text).and_then(position::of_text);
    let mut bounds = Bounds::at(position(0)?);
    (bounds.trimmed, bounds.keys_trimmed) = (position(1)?, position(2)?);
    (bounds.finished, bounds.closed) = (position(3), position(4)?);
    Some(bounds)
}

/// An entry of a stream. It is left out where it is no record: another program wrote it.
fn read_entry(entry: Value) -> Option<(u64, Result<Option<Stored>, StoreError>)> {
    let mut entry = Reply::new(entry)?.0.into_iter();
    let (id, fields) = (entry.next()?, Reply::new(entry.next()?)?.0);
    let position = position::of_id(text(&id)?)?;
    let mut fields = Fields { texts: fields.into_iter(), is_text: true };
    let record = Record::from_fields(&mut fields);
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(position::ms(position)));
    Some((
        position,
        match record {
            _ if !fields.is_text => Ok(None),
            Ok(record) => Ok(Some(Stored::new(position, at, record))),
            Err(error) if error.field() == "v" => {
                Err(StoreError::new(StoreErrorKind::Version, error.to_string()).with_source(error))
            }
            Err(_) => Ok(None),
        },
    ))
}

/// The fields of an entry, each with its name, up to the end or to what is no text.
struct Fields {
    texts: std::vec::IntoIter<Value>,
    is_text: bool,
}

impl Iterator for Fields {
    type Item = (String, String);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = (self.texts.next()?, self.texts.next()?);
        let field = into_text(name).zip(into_text(value));
        self.is_text &= field.is_some();
        field
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

fn into_text(value: Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}
