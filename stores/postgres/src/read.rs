//! What is read: records, and how the log stood at that moment, in one statement.

use std::fmt;
use std::time::SystemTime;

use tokio_postgres::Row;
use typed_sse_core::store::{Bounds, Epoch, Range, Sink, StoreError, StoreErrorKind, StoredLog};

use crate::error;
use crate::page::BOUNDS;
use crate::record::{Part, RowError};

/// What is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Records,
    /// The newest event of each key.
    Newest,
}

pub(crate) fn signed(number: u64) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// A record is likely to be longer.
const SHORT: u64 = 128;

fn positions(range: Range<'_>) -> u64 {
    range.up_to.saturating_sub(range.after).max(1)
}

/// Whether the records of a range are likely to be one page: then they need not be measured first.
pub(crate) fn is_likely_to_fit(range: Range<'_>) -> bool {
    let positions = positions(range);
    !range.tail && positions <= range.records as u64 && positions <= range.bytes as u64 / SHORT
}

/// How long a record may be in a range that is not measured: much longer than what a page has room for on average.
pub(crate) fn longest(range: Range<'_>) -> u64 {
    (range.bytes as u64 / positions(range)).saturating_mul(8).max(2_000)
}

/// When the server was started that has answered; `None` if it has no such log.
pub(crate) fn started(server: &str, rows: &[Row]) -> Result<Option<SystemTime>, StoreError> {
    rows.first().map(|row| row.try_get(6).map_err(|_| error::unexpected(server))).transpose()
}

/// Whether the page begins with records of which one is too long to be there: it is to be asked for again, and measured first.
pub(crate) fn is_to_measure(server: &str, rows: &[Row]) -> Result<bool, StoreError> {
    let part = rows.get(1).map(|row| Part::of(row, BOUNDS)).transpose();
    part.map(|part| matches!(part, Some(None))).map_err(|_| error::unexpected(server))
}

/// A page, and where its newest record lies, and when that was stored.
pub(crate) struct Found {
    pub(crate) sink: Sink,
    pub(crate) newest: Option<(i64, SystemTime)>,
}

/// What the rows say that came for a page of this range; `None` if the log is gone, or in another life.
pub(crate) fn page(
    server: &str,
    log: &StoredLog,
    (topic, range): (Option<&str>, Range<'_>),
    rows: &[Row],
    mut sink: Sink,
) -> Result<Option<Found>, StoreError> {
    let unexpected = |_| error::unexpected(server);
    let Some((first, rows)) = rows.split_first() else { return Ok(None) };
    let epoch: &str = first.try_get(0).map_err(unexpected)?;
    if Epoch::parse(epoch) != Some(log.epoch()) {
        return Ok(None);
    }
    let parts = rows.iter().map(|row| Part::of(row, BOUNDS));
    // What lies behind one that is too long is of another page.
    let parts = parts.map_while(Result::transpose).collect::<Result<Vec<_>, _>>().map_err(unexpected)?;
    sink.reserve(parts.iter().map(|part| part.positions().len()).sum());
    // From the end, it was measured; otherwise it may be longer than what was asked for.
    let is_full = |sink: &Sink| !range.tail && sink.bytes() > range.bytes;
    let mut last = None;
    for part in &parts {
        for (n, position) in part.positions().iter().enumerate() {
            if is_full(&sink) {
                break;
            }
            // By the plans that there are, the parts come in their order; no statement can ask for that.
            if last.replace(*position).is_some_and(|last| *position <= last) {
                return Err(error::unexpected(server));
            }
            part.put(n, topic, &mut sink).map_err(|error| match error {
                RowError::Columns => error::unexpected(server),
                RowError::Record(wrong) if wrong.field() == "v" => {
                    let words = format!("the record at {position} of the log `{}`: {wrong}", log.name());
                    StoreError::new(StoreErrorKind::Version, words)
                }
                RowError::Record(wrong) => no_record(log, *position, &wrong),
                RowError::Others => no_record(log, *position, &"its `others` are no list of `[name, value]`"),
            })?;
        }
    }
    let number = |n| first.try_get::<_, i64>(n).map(i64::cast_unsigned).map_err(unexpected);
    let finished: Option<i64> = first.try_get(4).map_err(unexpected)?;
    let mut bounds = Bounds::at(number(1)?);
    (bounds.trimmed, bounds.keys_trimmed) = (number(2)?, number(3)?);
    (bounds.finished, bounds.closed) = (finished.map(i64::cast_unsigned), number(5)?);
    sink.end(bounds);
    Ok(Some(Found { sink, newest: parts.last().and_then(Part::last) }))
}

/// Another program has written a row that no reader can read.
fn no_record(log: &StoredLog, position: i64, wrong: &dyn fmt::Display) -> StoreError {
    let name = log.name();
    let words = format!(
        "the record at {position} of the log `{name}` is none ({wrong}): delete its row of `records`, and write with `publish` only"
    );
    StoreError::new(StoreErrorKind::Corrupt, words)
}
