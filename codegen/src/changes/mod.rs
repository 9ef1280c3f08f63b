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
//! [`since`] reads the old one from a file, for a test. In CI, without a line of Rust, the two files are enough: the command of this
//! package compares them, and its exit status is 1 if a reader breaks. With a catalogue that is committed and kept current, the
//! old one is what Git has:
//!
//! ```text
//! cargo install typed-sse-codegen
//! git show origin/main:api/market.json > old.json
//! typed-sse-codegen diff old.json api/market.json
//! ```
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

use std::error::Error as _;
use std::io;
use std::path::Path;

use typed_sse_core::schema::SchemaCatalogue;

use crate::Error;

/// What has changed from `old` to `new`, in the order of the events of `old`, new ones behind them.
#[must_use]
pub fn compare(old: &SchemaCatalogue, new: &SchemaCatalogue) -> Report {
    Report::new(new.name().to_owned(), events::changes(old, new))
}

/// What has changed since a catalogue was written to this file, as [`SchemaCatalogue::to_json`] writes it.
///
/// ```
/// use typed_sse::schema::SchemaCatalogue;
/// use typed_sse::{SseEvent, SseSchema};
/// use typed_sse_codegen::changes::{Side, since};
///
/// #[derive(SseEvent, SseSchema)]
/// enum Market {
///     PriceChanged { symbol: String, price: f64 },
/// }
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("market.json");
/// # std::fs::write(&path, SchemaCatalogue::of::<Market>().to_json())?;
/// # /*
/// #[test]
/// fn no_reader_breaks() -> Result<(), typed_sse_codegen::Error> {
///     let path = "api/market-1.0.json";
/// # */
///     let report = since(path, &SchemaCatalogue::of::<Market>())?;
///     assert!(!report.breaks(Side::Both), "{report}");
/// # assert!(report.is_empty());
/// #   Ok::<(), Box<dyn std::error::Error>>(())
/// # /*
///     Ok(())
/// }
/// # */
/// ```
///
/// # Errors
///
/// If the file cannot be read, or is no catalogue.
pub fn since(path: impl AsRef<Path>, new: &SchemaCatalogue) -> Result<Report, Error> {
    Ok(compare(&read(path)?, new))
}

/// Reads a catalogue from a file, as [`SchemaCatalogue::to_json`] writes it.
///
/// # Errors
///
/// If the file cannot be read, or is no catalogue.
pub fn read(path: impl AsRef<Path>) -> Result<SchemaCatalogue, Error> {
    let path = path.as_ref();
    let json = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
    SchemaCatalogue::from_json(&json).map_err(|error| {
        let why = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        Error::io("read", path, io::Error::new(io::ErrorKind::InvalidData, format!("{error}{why}")))
    })
}
