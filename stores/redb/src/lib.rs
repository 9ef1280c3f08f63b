//! The log of a **typed-sse** channel in one file, so that a restart loses nothing: clients come back with their last event ID, and
//! go on where they were.
//!
//! ```
//! use typed_sse::{Channel, Event};
//! use typed_sse_redb::Redb;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("events.redb");
//! // path: events.redb
//! let store = Redb::open(&path)?;
//! let market = Channel::<Event>::builder().store(store, "market").open().await?;
//! let id = market.publish(&Event::new("one")).await?;
//!
//! // The server is started anew.
//! drop(market);
//! # tokio::time::sleep(std::time::Duration::from_millis(50)).await;
//! let market = Channel::<Event>::builder().store(Redb::open(&path)?, "market").open().await?;
//! assert_eq!(market.cursor(), id);
//! # Ok(()) }
//! ```
//!
//! It is the store for one process on one machine. A second process that opens the file gets an error; for several servers, use
//! `typed-sse-redis`.
//!
//! # What can be lost?
//!
//! | | [`Durability::Immediate`] | [`Durability::Eventual`] |
//! |---|---|---|
//! | an append is answered | when the disk has it | when this process has it |
//! | the process is killed | nothing is lost | up to the last 100 ms; the log begins a new epoch |
//! | the machine crashes | nothing, if its disk keeps what `fsync` says | the same |
//! | the last handle is dropped | nothing | nothing |
//! | cost | one `fsync` for all appends that wait | none |
//!
//! A new epoch means that each client that comes back is told once that it may have missed something. What was kept is still there, for
//! clients that begin with it.
//!
//! # What happens when the disk fails?
//!
//! After a failed write or `fsync`, nothing more is taken: every append fails with
//! [`Stopped`](typed_sse_core::store::StoreErrorKind::Stopped) until the file is opened again. A second `fsync` may succeed though the
//! first one lost data, so none is tried. The appends that were part of it say that they
//! [may have been stored](typed_sse_core::store::StoreError::may_have_been_stored). A full disk is such a failure, too.
//!
//! When the file is opened, all checksums are verified ([`Builder::check`]). A file that is torn, that is something else, or that a newer
//! version wrote is an error that names it. It is never taken for an empty log, nor is it overwritten.
//!
//! # How much is kept?
//!
//! Of each topic, as much as [`Builder::events`], [`bytes`](Builder::bytes) and [`age`](Builder::age) say; what is beyond
//! goes with the append that puts it there. The newest event of each key outlives that, for as many keys as
//! [`Builder::keys`] says. Each topic that ever was takes about a hundred bytes for good, and so does each producer.
//!
//! The file does not shrink: room that was freed is used again.
//!
//! # The file
//!
//! It is a [redb](https://docs.rs/redb) database, version 3 of its format, with these tables. Other programs may read it while it is not
//! open here. A log and a topic have a number each, and positions are 1, 2, 3, and so on along a log.
//!
//! | table | key | value |
//! |---|---|---|
//! | `meta` | `format` | version of these tables: `1` |
//! | `meta` | `eventual` | there while a process has it open that does not wait for the disk |
//! | `logs` | name | number, epoch, last position, trimmed, keys trimmed, topics numbered |
//! | `topics` | log, name | number, records, bytes, keys, trimmed, keys trimmed, finished, closed, ID at the end of what was trimmed |
//! | `records` | log, topic, position of its last record | a block of records |
//! | `order` | log, position of its last record | of the same block: topic, position of the first record that is not trimmed |
//! | `ids` | log, topic, own ID | position |
//! | `keys` | log, topic, key | position of the newest |
//! | `newest` | log, topic, position | nothing, or a block of a record that was trimmed |
//! | `producers` | log, name | epoch, number, positions |
//!
//! A block has neighbours of one topic, which were appended together: one byte for its version, which is 1; eight bytes for the time in
//! milliseconds since 1970; the number of its records; the name of the topic; then each record, behind its length. A record is its
//! [fields](typed_sse_core::store#the-fields-of-a-record) but the topic: one byte for the name, then the value. The byte is 1 for `event`, 2 for
//! `data`, 3 for `id`, 4 for `retry`, 5 for `key`, 6 for `flags`, and 0 where the name itself follows. Each text stands behind its length. Numbers are
//! little-endian, lengths and the number of records have four bytes, texts are UTF-8.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod append;
mod batch;
mod builder;
#[cfg(test)]
mod clock_tests;
mod error;
mod file;
mod handle;
mod options;
mod push;
mod read;
mod shared;
mod tables;
#[cfg(test)]
mod tests;
mod value;
mod writer;

pub use builder::Builder;
pub use handle::Redb;
pub use options::Durability;
