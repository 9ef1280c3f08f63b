//! What is read: records, and how the log stood at that moment, in one statement.

use std::time::SystemTime;

use tokio_postgres::Row;
use typed_sse_core::store::{Bounds, Epoch, Sink, StoreError, StoreErrorKind, StoredLog};

use crate::error;
use crate::record::{RowError, put};

/// What is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Records,
    /// The newest event of each key.
    Newest,
}

/// So many columns come before those of the record. The last of them says which server it is.
const BOUNDS: usize = 7;

/// Asks for how the log stands, in a row of its own, and for what lies in the range, in one step. The function keeps its plans, also
/// where a pooler stands between, and this is too short to need one.
///
/// Its parameters: what, the log, the topic, whether from the end, the positions, most records, most bytes.
pub(crate) fn statement(schema: &str) -> String {
    format!("SELECT * FROM {schema}.page($1, $2, $3, $4, $5, $6, $7, $8)")
}

pub(crate) fn signed(number: u64) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// When the server was started that has answered; `None` if it has no such log.
pub(crate) fn started(server: &str, rows: &[Row]) -> Result<Option<SystemTime>, StoreError> {
    rows.first().map(|row| row.try_get(6).map_err(|_| error::unexpected(server))).transpose()
}

/// A page, and where its newest record lies, and when that was stored.
pub(crate) struct Found {
    pub(crate) sink: Sink,
    pub(crate) newest: Option<(i64, SystemTime)>,
}

/// What the rows say that came for a [`statement`] of this topic; `None` if the log is gone, or in another life.
pub(crate) fn page(
    server: &str,
    log: &StoredLog,
    topic: Option<&str>,
    rows: &[Row],
    mut sink: Sink,
) -> Result<Option<Found>, StoreError> {
    let unexpected = |_| error::unexpected(server);
    let Some((first, rows)) = rows.split_first() else { return Ok(None) };
    let epoch: &str = first.try_get(0).map_err(unexpected)?;
    if Epoch::parse(epoch) != Some(log.epoch()) {
        return Ok(None);
    }
    let position = |row| Ok::<_, StoreError>((Row::try_get(row, BOUNDS).map_err(unexpected)?, row));
    let mut records = rows.iter().map(position).collect::<Result<Vec<(i64, &Row)>, _>>()?;
    // The newest were asked for from the end; otherwise they come in order.
    records.sort_by_key(|(position, _)| *position);
    sink.reserve(records.len());
    for (position, row) in &records {
        put((*position, row), BOUNDS, topic, &mut sink).map_err(|error| match error {
            RowError::Columns => error::unexpected(server),
            RowError::Record(wrong) => {
                let name = log.name();
                let words = format!(
                    "the record at {position} of the log `{name}` is none ({wrong}): delete its row, and write with `publish` only"
                );
                StoreError::new(StoreErrorKind::Corrupt, words)
            }
        })?;
    }
    let number = |n| first.try_get::<_, i64>(n).map(i64::cast_unsigned).map_err(unexpected);
    let finished: Option<i64> = first.try_get(4).map_err(unexpected)?;
    let mut bounds = Bounds::at(number(1)?);
    (bounds.trimmed, bounds.keys_trimmed) = (number(2)?, number(3)?);
    (bounds.finished, bounds.closed) = (finished.map(i64::cast_unsigned), number(5)?);
    sink.end(bounds);
    let at = |(position, row): &(i64, &Row)| Some((*position, row.try_get(BOUNDS + 1).ok()?));
    Ok(Some(Found { sink, newest: records.last().and_then(at) }))
}
