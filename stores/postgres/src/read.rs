//! What is read: records, and how the log stood at that moment, in one statement.

use tokio_postgres::Row;
use typed_sse_core::store::{Bounds, Page, Range, StoreError, StoreErrorKind, StoredLog};

use crate::error;
use crate::record::{COLUMNS, RowError, stored};

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

/// So many columns come before those of the record.
const BOUNDS: usize = 6;

/// Its parameters: the log, the topic, the positions, most records, most bytes.
pub(crate) fn statement(schema: &str, what: What, range: &Range<'_>) -> String {
    let order = if range.tail { "DESC" } else { "ASC" };
    let (bounds, topic, within) = match (range.topic, what) {
        (None, What::Records) => (
            "l.trimmed, l.keys_trimmed, NULL::bigint, 0::bigint",
            "false",
            "s.log = l.number AND NOT s.kept AND s.position > $3",
        ),
        (Some(_), What::Records) => (
            "coalesce(t.trimmed, 0), coalesce(t.keys_trimmed, 0), t.finished, coalesce(t.closed, 0)",
            TOPIC,
            "s.topic = t.number AND s.position > greatest($3, t.trimmed)",
        ),
        (_, What::Newest) => (
            "coalesce(t.trimmed, 0), coalesce(t.keys_trimmed, 0), t.finished, coalesce(t.closed, 0)",
            TOPIC,
            "s.topic = t.number AND s.newest AND s.position > $3",
        ),
    };
    // The bytes of those before it decide whether a record is on the page.
    format!(
        "SELECT l.epoch, l.last, {bounds}, {COLUMNS}, n.name FROM {schema}.logs AS l \
         LEFT JOIN {schema}.topics AS t ON {topic} AND $2::text IS NOT NULL \
         LEFT JOIN LATERAL ( \
           SELECT * FROM ( \
             SELECT *, sum(octet_length(o.data)) OVER (ORDER BY o.position {order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ahead \
             FROM (SELECT * FROM {schema}.records AS s WHERE {within} AND s.position <= $4 ORDER BY s.position {order} LIMIT $5) AS o \
           ) AS p WHERE coalesce(p.ahead, 0) <= $6 \
         ) AS r ON true \
         LEFT JOIN {schema}.topics AS n ON n.number = r.topic \
         WHERE l.name = $1 ORDER BY r.position"
    )
}

pub(crate) fn signed(number: u64) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// What a read has brought, or why it has not.
pub(crate) enum Read {
    Page(Page),
    /// The log is gone, or in another life.
    Epoch,
}

/// What the rows say that came for a [`statement`].
pub(crate) fn page(server: &str, log: &StoredLog, rows: &[Row]) -> Result<Read, StoreError> {
    let unexpected = |_| error::unexpected(server);
    let Some(first) = rows.first() else { return Ok(Read::Epoch) };
    let epoch: String = first.try_get(0).map_err(unexpected)?;
    if epoch != log.epoch().to_string() {
        return Ok(Read::Epoch);
    }
    let number = |n| first.try_get::<_, i64>(n).map(i64::cast_unsigned).map_err(unexpected);
    let finished: Option<i64> = first.try_get(4).map_err(unexpected)?;
    let mut bounds = Bounds::at(number(1)?);
    (bounds.trimmed, bounds.keys_trimmed) = (number(2)?, number(3)?);
    (bounds.finished, bounds.closed) = (finished.map(i64::cast_unsigned), number(5)?);
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        match stored(row, BOUNDS) {
            Ok(stored) => records.extend(stored),
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
    Ok(Read::Page(Page::new(records, bounds)))
}
