//! A log that outlives the process, or that several processes share: the contract between a channel and a store.
//!
//! A **store** keeps **logs** by name. A log is a sequence of **records**, each at a **position**: a number that grows along the
//! log, with gaps. A record is an event's fields ([`Record`]), in the store's own readable form, so that other programs can
//! read and write them. It belongs to one **topic** of the log; a channel that is none of several topics has the topic `""`.
//!
//! Applications use a store that stands, and hand it to a channel. To write one, implement [`Store`], and prove it with the suite in
//! `typed-sse-store-conformance`.
//!
//! # What a store promises
//!
//! - **One order.** Positions are given in the order in which records become visible: whoever has read up to a position never
//!   finds a record at or below it later on.
//! - **Acknowledged is kept.** What [`append`](Store::append) has answered with `Ok` is found by every later call, of every
//!   process, and after a crash, as far as the store's durability goes; the store documents how far that is.
//! - **All or none.** The records of one batch become visible together.
//! - **One life.** An [`Epoch`] names one life of a log. A store that has lost records which it had acknowledged, or that was
//!   emptied, begins a new epoch, and answers calls of the old one with [`StoreErrorKind::Epoch`].
//! - **Gaps are told.** What was trimmed is counted in [`Bounds::trimmed`], read in the same step as the records, so that a
//!   reader is never given a remainder that looks whole.
//! - **Dropping a future loses nothing.** A call that is dropped before it is ready has done all of its work or none of it.
//!
//! # The fields of a record
//!
//! A record is a list of named texts ([`Record::fields`], [`Record::from_fields`]). These are version 1:
//!
//! | field | of | meaning |
//! |---|---|---|
//! | `event` | events | the event type; absent for `message` |
//! | `data` | events | the data, its lines joined with LF; required |
//! | `id` | events | the event's own ID; absent where its position is its ID |
//! | `retry` | events | the reconnection time in whole milliseconds |
//! | `key` | events | the compaction key |
//! | `topic` | all | the topic; absent for `""` |
//! | `flags` | all | words separated by spaces: `tombstone`, `terminal`; `finish`, `close` for records that are no event |
//! | `v` | all | the version, where it is not `1` |
//!
//! A reader keeps a field that it does not know, and ignores a flag that it does not know. A record of another version is an error that
//! says so.

mod bounds;
mod epoch;
mod error;
mod fields;
#[cfg(feature = "tokio")]
mod frames;
mod record;
mod sink;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use bounds::{Appended, Batch, Behind, Bounds, Page, Range, Stored, Token};
pub use epoch::Epoch;
pub use error::{RecordError, StoreError, StoreErrorKind};
#[cfg(feature = "tokio")]
pub(crate) use frames::{FramesOf, Together, encode};
pub use record::{Record, RecordKind};
pub use sink::Sink;

/// What the methods of a [`Store`] return: write `Box::pin(async move { .. })`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps logs outside the process, or across restarts. [The module](self) says what it promises.
///
/// Each method is called from many tasks at once. None waits without end but [`follow`](Self::follow): a store whose server does
/// not answer gives up after a time limit of its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store",
    label = "not a store",
    note = "use `typed_sse_redb::Redb`, `typed_sse_redis::Redis`, `typed_sse_postgres::Postgres`, `typed_sse_nats::Nats`, or implement `typed_sse::store::Store`"
)]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Finds the log of this name, or makes it, empty and with a new epoch.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::Unavailable`], [`StoreErrorKind::Corrupt`], [`StoreErrorKind::Version`].
    fn open<'a>(&'a self, name: &'a str) -> BoxFuture<'a, StoredLog>;

    /// Appends records, all or none, and answers when they are kept.
    ///
    /// The store tells repetitions in the same step:
    ///
    /// - An event's [own ID](Record::id) must not name another event of its topic that is retained:
    ///   [`StoreErrorKind::DuplicateId`].
    /// - A [`Token`] says which batch of its producer this is: one that is stored already is answered with the positions that it
    ///   has ([`Appended::is_duplicate`]), one that comes too early with [`StoreErrorKind::Gap`], one of an earlier epoch of the
    ///   producer with [`StoreErrorKind::Fenced`].
    ///
    /// A [`Finish`](RecordKind::Finish) lets nothing more into its topic ([`StoreErrorKind::Finished`]); a second one is stored like
    /// the first. A [`Close`](RecordKind::Close) removes its topic's records, keys and IDs and begins a new life of the topic, in
    /// which the `Close` itself is the first record. An empty batch stores nothing.
    ///
    /// # Errors
    ///
    /// Those above, [`StoreErrorKind::Epoch`], [`StoreErrorKind::TooLong`], and [`StoreErrorKind::Unavailable`]:
    /// [`StoreError::may_have_been_stored`] says whether the records may be there all the same.
    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended>;

    /// Reads what is there in this range, in order: nothing, if nothing is.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::Unavailable`], [`StoreErrorKind::Epoch`].
    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page>;

    /// As [`read`](Self::read), for a caller that keeps no records: each goes into the sink, which is empty, and behind them goes how the
    /// log stood. After an error, what the sink has is of no use any more.
    ///
    /// Default: reads a page. A store that finds records in memory can lend them to the sink; all that this saves is a copy of each.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn read_into<'a>(&'a self, log: &'a StoredLog, range: Range<'a>, mut sink: Sink) -> BoxFuture<'a, Sink> {
        Box::pin(async move {
            let page = self.read(log, range).await?;
            sink.reserve(page.records.len());
            page.records.into_iter().for_each(|stored| sink.put_stored(stored));
            sink.end(page.bounds);
            Ok(sink)
        })
    }

    /// How many records this store is asked for at once, at the most, for a client that comes back from far behind: from 1,024 to 4,096, and
    /// less where several do. More at once are fewer calls, and each takes longer: what else waits for the store waits longer, too.
    ///
    /// Default: 1,024, of 256 bytes on average. A store whose reading keeps nobody waiting says more.
    fn records_at_once(&self) -> usize {
        1024
    }

    /// As [`read`](Self::read), but waits until there is a record in the range.
    ///
    /// It may return an empty page at any time, so that the caller asks again.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn follow<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page>;

    /// Finds the position of the event that brought this ID, in one topic; `None` if the store does not know it.
    ///
    /// It knows the IDs of all events that are retained, and that of the newest one that was trimmed, whose client has missed
    /// nothing; those of others for as long as it likes.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn find<'a>(&'a self, log: &'a StoredLog, topic: &'a str, id: &'a str) -> BoxFuture<'a, Option<u64>>;

    /// Reads the newest event of each key of one topic whose position lies in the range, in the order of their positions. The
    /// newest event of a key is kept when it is trimmed, until a tombstone takes it out.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn newest<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page>;
}

/// A log that a [`Store`] has opened: its name and its epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLog {
    name: Arc<str>,
    epoch: Epoch,
}

impl StoredLog {
    /// Made by a store, in [`Store::open`].
    #[must_use]
    pub fn new(name: &str, epoch: Epoch) -> Self {
        Self { name: name.into(), epoch }
    }

    /// The name under which it was opened.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its epoch when it was opened.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }
}
