//! What is read: records, and how the log stood at that moment, in one statement.

use std::time::SystemTime;

use tokio_postgres::Row;
use typed_sse_core::store::{Bounds, Epoch, Page, Range, StoreError, StoreErrorKind, StoredLog};

use crate::error;
use crate::record::{COLUMNS, NONE, RowError, stored};

/// What is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Records,
    /// The newest event of each key.
    Newest,
}

/// The topic of a name, which is the second parameter.
const TOPIC: &str =
    "t.log = l.number AND hashtextextended(t.name, 0) = hashtextextended($2, 0) AND t.name = $2";

/// So many columns come before those of the record. The last of them says which server it is.
const BOUNDS: usize = 7;

/// Asks for how the log stands, in a row of its own, and for what lies in the range, in one step.
///
/// Its parameters: the log, the topic, the positions, most records, most bytes.
pub(crate) fn statement(schema: &str, what: What, range: &Range<'_>) -> String {
    let order = if range.tail { "DESC" } else { "ASC" };
    let of_topic = "coalesce(t.trimmed, 0), coalesce(t.keys_trimmed, 0), t.finished, coalesce(t.closed, 0)";
    let name_of_topic = format!("(SELECT n.name FROM {schema}.topics AS n WHERE n.number = r.topic)");
    let (bounds, scanned, after, name) = match (range.topic, what) {
        (None, What::Records) => {
            ("l.trimmed, l.keys_trimmed, NULL::bigint, 0::bigint", "log", "$3", &*name_of_topic)
        }
        // What lies before is kept for its keys alone. And who asks for one topic knows its name.
        (Some(_), What::Records) => (of_topic, "topic", "greatest($3, t.trimmed)", "NULL"),
        (_, What::Newest) => (of_topic, "newest", "$3", "NULL"),
    };
    // The bytes of those before it decide whether a record is on the page.
    format!(
        "WITH l AS MATERIALIZED (SELECT * FROM {schema}.logs WHERE name = $1), \
         t AS MATERIALIZED (SELECT t.* FROM l JOIN {schema}.topics AS t ON {TOPIC}) \
         SELECT l.epoch, coalesce((SELECT s.position FROM {schema}.records AS s WHERE s.log = l.number AND NOT s.kept ORDER BY s.position DESC LIMIT 1), 0), {bounds}, pg_postmaster_start_time(), {NONE} FROM l LEFT JOIN t ON true \
         UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, {COLUMNS}, {name} \
         FROM l LEFT JOIN t ON true CROSS JOIN LATERAL ( \
           SELECT s.*, sum(octet_length(s.data)) \
             OVER (ORDER BY s.position {order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ahead \
           FROM {schema}.scan('{scanned}', l.number, t.number, {backwards}, {after}, $4, $5) AS s \
         ) AS r WHERE coalesce(r.ahead, 0) <= $6",
        backwards = range.tail,
    )
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
