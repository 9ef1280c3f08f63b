//! What is read: records, and how the log stood at that moment, in one statement.

use std::time::SystemTime;

use tokio_postgres::Row;
use typed_sse_core::store::{Bounds, Epoch, Page, StoreError, StoreErrorKind, StoredLog};

use crate::error;
use crate::record::{RowError, stored};

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

/// What a read has brought, or why it has not.
pub(crate) enum Read {
    /// With it, when the server was started.
    Page(Page, SystemTime),
    /// The log is gone, or in another life.
    Epoch,
}

/// What the rows say that came for a [`statement`] of this topic.
pub(crate) fn page(
    server: &str,
    log: &StoredLog,
    topic: Option<&str>,
    rows: &[Row],
) -> Result<Read, StoreError> {
    let unexpected = |_| error::unexpected(server);
    let (mut bounds, mut records) = (None, Vec::with_capacity(rows.len()));
    for row in rows {
        match stored(row, BOUNDS, topic) {
            Ok(Some(stored)) => records.push(stored),
            Ok(None) => bounds = Some(row),
            Err(RowError::Columns) => return Err(error::unexpected(server)),
            Err(RowError::Record(wrong)) => {
                let at: i64 = row.try_get(BOUNDS).unwrap_or_default();
                let name = log.name();
                let words = format!(
                    "the record at {at} of the log `{name}` is none ({wrong}): delete its row, and write with `publish` only"
                );
                return Err(StoreError::new(StoreErrorKind::Corrupt, words));
            }
        }
    }
    let Some(row) = bounds else { return Ok(Read::Epoch) };
    let epoch: &str = row.try_get(0).map_err(unexpected)?;
    if Epoch::parse(epoch) != Some(log.epoch()) {
        return Ok(Read::Epoch);
    }
    let number = |n| row.try_get::<_, i64>(n).map(i64::cast_unsigned).map_err(unexpected);
    let finished: Option<i64> = row.try_get(4).map_err(unexpected)?;
    let mut bounds = Bounds::at(number(1)?);
    (bounds.trimmed, bounds.keys_trimmed) = (number(2)?, number(3)?);
    (bounds.finished, bounds.closed) = (finished.map(i64::cast_unsigned), number(5)?);
    // The newest were asked for from the end; otherwise they come in order.
    records.sort_by_key(|stored| stored.position);
    let started = row.try_get(6).map_err(unexpected)?;
    Ok(Read::Page(Page::new(records, bounds), started))
}
