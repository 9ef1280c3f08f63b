//! What is asked of a store, and what it answers.

use std::time::SystemTime;

use super::record::Record;

/// Records to be appended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Batch<'a> {
    /// The records, in order.
    pub records: &'a [Record],
    /// Which batch of its producer it is, if the producer counts them.
    pub token: Option<&'a Token>,
}

impl<'a> Batch<'a> {
    /// These records, of a producer that does not count.
    #[must_use]
    pub const fn new(records: &'a [Record]) -> Self {
        Self { records, token: None }
    }

    /// Says which batch of its producer this is, so that a repetition is stored once.
    #[must_use]
    pub const fn with_token(mut self, token: &'a Token) -> Self {
        self.token = Some(token);
        self
    }
}

/// Which batch of its producer this is. The first of a producer's epoch has the number 1, the next one 2, and so on.
///
/// A producer that has restarted and does not know its number begins a higher epoch. From then on the store refuses
/// batches of the one before, which may be on their way still.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Token {
    /// Whose it is.
    pub producer: String,
    /// Which life of the producer.
    pub epoch: u64,
    /// Counts its batches from 1.
    pub number: u64,
}

impl Token {
    /// The batch with this number, in this epoch of the producer.
    #[must_use]
    pub fn new(producer: impl Into<String>, epoch: u64, number: u64) -> Self {
        Self { producer: producer.into(), epoch, number }
    }
}

/// What became of a [`Batch`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Appended {
    /// The positions of the records, in their order. Empty for a duplicate that is older than the newest batch of its
    /// producer: its positions are known no more.
    pub positions: Vec<u64>,
    /// The batch was stored before, by its [`Token`].
    pub is_duplicate: bool,
    /// Where they lie, if the store can tell.
    pub behind: Option<Behind>,
}

/// Where records lie that were appended: whoever had everything up to [`last`](Self::last) has everything with them.
///
/// A process that appends need not read its own records again then. Without it, they are read like those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Behind {
    /// The highest position in use in the whole log before the first of them.
    pub last: u64,
    /// Where the topic of the first of them stands, as of the same moment.
    pub bounds: Bounds,
}

impl Appended {
    /// They were stored just now.
    #[must_use]
    pub const fn stored(positions: Vec<u64>) -> Self {
        Self { positions, is_duplicate: false, behind: None }
    }

    /// They had been stored before.
    #[must_use]
    pub const fn duplicate(positions: Vec<u64>) -> Self {
        Self { positions, is_duplicate: true, behind: None }
    }

    /// They lie right behind this position, and their topic stands there now.
    #[must_use]
    pub const fn behind(mut self, last: u64, bounds: Bounds) -> Self {
        self.behind = Some(Behind { last, bounds });
        self
    }
}

/// Which records are wanted: those of one topic or of all, behind one position and up to another, as many as fit.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Range<'a> {
    /// The topic; `None` for all of the log.
    pub topic: Option<&'a str>,
    /// They lie behind this position.
    pub after: u64,
    /// They lie at this position at the furthest.
    pub up_to: u64,
    /// So many at the most.
    pub records: usize,
    /// The page ends with the record that makes it longer than so many bytes of data. A hint: a store may stop sooner, but
    /// not without a record where there is one.
    pub bytes: usize,
    /// Of more than fit, the newest are wanted, not the oldest. They come in the order of their positions all the same.
    pub tail: bool,
}

impl<'a> Range<'a> {
    /// All topics, behind this position, in pages of at most 1,024 records and about 1 MiB.
    #[must_use]
    pub const fn after(position: u64) -> Self {
        Self { topic: None, after: position, up_to: u64::MAX, records: 1024, bytes: 1 << 20, tail: false }
    }

    /// Of this topic only.
    #[must_use]
    pub const fn of(mut self, topic: &'a str) -> Self {
        self.topic = Some(topic);
        self
    }

    /// Up to this position, itself included.
    #[must_use]
    pub const fn up_to(mut self, position: u64) -> Self {
        self.up_to = position;
        self
    }

    /// So many records at the most. With 0, only the [`Bounds`] are read.
    #[must_use]
    pub const fn records(mut self, records: usize) -> Self {
        self.records = records;
        self
    }

    /// Of more than fit, the newest instead of the oldest.
    #[must_use]
    pub const fn tail(mut self) -> Self {
        self.tail = true;
        self
    }

    /// About so many bytes of data at the most.
    #[must_use]
    pub const fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }
}

/// Some records of a log, and how the log stood when they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// In the order of their positions. Fewer than were asked for does not mean that there are no more.
    pub records: Vec<Stored>,
    /// Where the topic, or the log, stood at that moment.
    pub bounds: Bounds,
}

impl Page {
    /// These records, read in one step with these bounds.
    #[must_use]
    pub const fn new(records: Vec<Stored>, bounds: Bounds) -> Self {
        Self { records, bounds }
    }
}

/// A record at its position.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// Where it lies.
    pub position: u64,
    /// When it was stored, by the store's clock, if the store knows. Clocks jump: nothing but an age rests on it.
    pub at: Option<SystemTime>,
    /// The record.
    pub record: Record,
}

impl Stored {
    /// A record at this position.
    #[must_use]
    pub const fn new(position: u64, at: Option<SystemTime>, record: Record) -> Self {
        Self { position, at, record }
    }
}

/// Where a topic, or a whole log, stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// The highest position in use in the whole log: 0 before the first record.
    pub last: u64,
    /// The highest position in this topic (in any, for the log) of a record that is no longer there, because it was trimmed or its
    /// topic was closed. 0 if nothing ever went.
    pub trimmed: u64,
    /// The highest position of a record that is gone though it was the newest of its key. 0 if none is.
    pub keys_trimmed: u64,
    /// The position of the topic's first [`Finish`](super::RecordKind::Finish), if it is finished. `None` for a whole log.
    pub finished: Option<u64>,
    /// The position of the topic's newest [`Close`](super::RecordKind::Close): what lies before is of another life. 0 if it never
    /// was closed, and for a whole log.
    pub closed: u64,
}

impl Bounds {
    /// Of a log that stands at this position.
    #[must_use]
    pub const fn at(last: u64) -> Self {
        Self { last, trimmed: 0, keys_trimmed: 0, finished: None, closed: 0 }
    }
}
