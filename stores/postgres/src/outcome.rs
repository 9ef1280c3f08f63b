//! What the function `append` of the schema has answered.

use tokio_postgres::Row;
use typed_sse_core::store::{Bounds, StoreError, StoreErrorKind, Token};

use crate::error;

/// How a call has ended.
pub(crate) fn outcome(rows: &[Row]) -> Option<&str> {
    rows.first()?.try_get(0).ok()
}

/// Where the topic stands behind the last record of a batch.
pub(crate) fn bounds(row: &Row, last: u64) -> Option<Bounds> {
    let number = |n| row.try_get::<_, i64>(n).map(i64::cast_unsigned).ok();
    let finished: Option<i64> = row.try_get(8).ok()?;
    let mut bounds = Bounds::at(last);
    (bounds.trimmed, bounds.keys_trimmed) = (number(6)?, number(7)?);
    (bounds.finished, bounds.closed) = (finished.map(i64::cast_unsigned), number(9)?);
    Some(bounds)
}

/// The error of an outcome.
pub(crate) fn refusal(
    outcome: &str,
    log: &str,
    token: Option<&Token>,
    number: impl Fn() -> Result<u64, StoreError>,
) -> StoreError {
    let number = match outcome {
        "epoch" | "finished" => 0,
        _ => match number() {
            Ok(number) => number,
            Err(error) => return error,
        },
    };
    let producer = token.map_or("", |token| token.producer.as_str());
    let (kind, words) = match outcome {
        "epoch" => return error::another_life(log),
        "finished" => {
            (StoreErrorKind::Finished, "the topic is finished: nothing more can be appended".to_owned())
        }
        "gap" => (
            StoreErrorKind::Gap { expected: number },
            format!("batches of `{producer}` are missing: {number} comes next"),
        ),
        "fenced" => (
            StoreErrorKind::Fenced { epoch: number },
            format!("`{producer}` goes on in a newer epoch: this one may store nothing"),
        ),
        _ => (
            StoreErrorKind::DuplicateId { position: number },
            "the topic retains an event of this ID".to_owned(),
        ),
    };
    StoreError::new(kind, words)
}
