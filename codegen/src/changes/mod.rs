//! What a change of an enum breaks, and for whom.
//!
//! A server is updated at once, its readers are not: a browser tab stays open for days, an app for months. And what was written before
//! the update may be read after it: a channel whose log is in a store replays it, and of ten servers some are older than others. So a
//! change has two sides:
//!
//! - **old readers** are clients from before the change that read from a server of after it;
//! - **new readers** are clients of after the change that read what a server of before it has written.
//!
//! [`compare`] finds what has changed between two [catalogues](SchemaCatalogue), and what that means to each:
//!
//! ```
//! use typed_sse_codegen::changes::{Side, compare};
//! use typed_sse_core::schema::SchemaCatalogue;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//!
//! // Committed when the last version was released, as `SchemaCatalogue::of::<Market>().to_json()`.
//! let old = SchemaCatalogue::from_json(r#"{"name": "Market", "events": [{
//!     "event": "halted",
//!     "data": {"format": "json", "content": {
//!         "type": "object",
//!         "properties": {"reason": {"type": "string"}},
//!         "required": ["reason"]
//!     }}
//! }]}"#)?;
//! // In a test of yours: `SchemaCatalogue::of::<Market>()`.
//! let new = SchemaCatalogue::from_json(r#"{"name": "Market", "events": [{
//!     "event": "halted",
//!     "data": {"format": "json", "content": {
//!         "type": "object",
//!         "properties": {"reason": {"type": ["string", "null"]}},
//!         "required": ["reason"]
//!     }}
//! }]}"#)?;
//!
//! let report = compare(&old, &new);
//! assert!(report.breaks(Side::OldReaders) && !report.breaks(Side::NewReaders));
//! assert_eq!(report.to_string(), "\
//! halted.data.reason: it can be `null` now
//!     old readers BREAK: meet values that they do not know
//!
//! 1 change of `Market`, which breaks readers
//! ");
//! # Ok(())
//! # }
//! ```
//!
//! In CI, without a line of Rust, with the two files: `typed-sse-codegen diff old.json new.json`, whose exit status is 1 if a reader
//! breaks.
//!
//! A reader is taken to be what serde and TypeScript are: it ignores fields that it does not know, unless it refuses them
//! (`deny_unknown_fields`), and misses those that it expects. Where two schemas differ in words that are not understood, as `not`
//! or `patternProperties`, the report says so, and counts it as breaking.

mod change;
mod events;
mod report;
mod shape;
mod walk;

pub use change::{Change, ChangeKind, Effect};
pub use report::{Report, Side};

use typed_sse_core::schema::SchemaCatalogue;

/// What has changed from `old` to `new`, in the order of the events of `old`, new ones behind them.
#[must_use]
pub fn compare(old: &SchemaCatalogue, new: &SchemaCatalogue) -> Report {
    Report::new(new.name().to_owned(), events::changes(old, new))
}
