//! Records as columns, and back.

use std::borrow::Cow;
use std::time::SystemTime;

use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use typed_sse_core::store::{Record, RecordError, Stored};

use crate::text::{escape, unescape};

#[cfg(feature = "sqlx")]
type SqlxQuery<'a> = sqlx::query::Query<'a, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// Many records, column by column: the arrays that the functions of the schema take.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    topics: Vec<String>,
    events: Vec<Option<String>>,
    data: Vec<Option<String>>,
    ids: Vec<Option<String>>,
    retries: Vec<Option<i64>>,
    keys: Vec<Option<String>>,
    flags: Vec<Option<String>>,
    others: Vec<Option<String>>,
}

impl Columns {
    pub(crate) fn of(records: &[Record]) -> Self {
        let mut columns = Self::default();
        for record in records {
            columns.push(record);
        }
        columns
    }

    fn push(&mut self, record: &Record) {
        let (mut event, mut data, mut id, mut retry, mut key, mut flags) =
            (None, None, None, None, None, None);
        let mut others = Vec::new();
        for (name, value) in record.fields() {
            let text = || Some(escape(&value).into_owned());
            match name {
                "event" => event = text(),
                "data" => data = text(),
                "id" => id = text(),
                // A reconnection time of more than 292 million years is cut.
                "retry" => retry = value.parse().ok().or(Some(i64::MAX)),
                "key" => key = text(),
                "flags" => flags = text(),
                "topic" => {}
                name => others.push([escape(name).into_owned(), escape(&value).into_owned()]),
            }
        }
        self.topics.push(escape(record.topic()).into_owned());
        self.events.push(event);
        self.data.push(data);
        self.ids.push(id);
        self.retries.push(retry);
        self.keys.push(key);
        self.flags.push(flags);
        let is_plain = others.is_empty();
        self.others.push((!is_plain).then(|| serde_json::Value::from_iter(others).to_string()));
    }

    pub(crate) fn bytes(&self) -> usize {
        self.data.iter().flatten().map(String::len).sum()
    }

    /// In the order in which the functions take them.
    pub(crate) fn parameters(&self) -> [(&(dyn ToSql + Sync), Type); 8] {
        [
            (&self.topics, Type::TEXT_ARRAY),
            (&self.events, Type::TEXT_ARRAY),
            (&self.data, Type::TEXT_ARRAY),
            (&self.ids, Type::TEXT_ARRAY),
            (&self.retries, Type::INT8_ARRAY),
            (&self.keys, Type::TEXT_ARRAY),
            (&self.flags, Type::TEXT_ARRAY),
            (&self.others, Type::TEXT_ARRAY),
        ]
    }

    /// The same for a statement of `sqlx`.
    #[cfg(feature = "sqlx")]
    pub(crate) fn bind<'a>(&'a self, statement: SqlxQuery<'a>) -> SqlxQuery<'a> {
        statement
            .bind(&self.topics)
            .bind(&self.events)
            .bind(&self.data)
            .bind(&self.ids)
            .bind(&self.retries)
            .bind(&self.keys)
            .bind(&self.flags)
            .bind(&self.others)
    }
}

/// Why a row is no record.
pub(crate) enum RowError {
    /// Its columns are not those of the schema.
    Columns,
    /// What stands in them is none.
    Record(RecordError),
}

/// The record of a row whose columns from this one on are those of the function `page`, and whose topic may be known; `None` if there is
/// none in the row.
pub(crate) fn stored(row: &Row, from: usize, topic: Option<&str>) -> Result<Option<Stored>, RowError> {
    let columns = |_| RowError::Columns;
    let Some(position) = row.try_get::<_, Option<i64>>(from).map_err(columns)? else { return Ok(None) };
    let at: SystemTime = row.try_get(from + 1).map_err(columns)?;
    let retry: Option<i64> = row.try_get(from + 5).map_err(columns)?;
    let others: Option<&str> = row.try_get(from + 8).map_err(columns)?;
    let mut fields: Vec<(Cow<'_, str>, String)> = Vec::with_capacity(8);
    for (name, n) in [("event", 2), ("data", 3), ("id", 4), ("key", 6), ("flags", 7), ("topic", 9)] {
        if let Some(text) = row.try_get::<_, Option<String>>(from + n).map_err(columns)? {
            fields.push((name.into(), unescape(text)));
        }
    }
    fields.extend(topic.map(|topic| ("topic".into(), topic.to_owned())));
    fields.extend(retry.map(|retry| ("retry".into(), retry.to_string())));
    if let Some(others) = others {
        let others: Vec<(String, String)> = serde_json::from_str(others).map_err(|_| RowError::Columns)?;
        fields.extend(others.into_iter().map(|(name, value)| (unescape(name).into(), unescape(value))));
    }
    let record = Record::from_fields(fields).map_err(RowError::Record)?;
    Ok(Some(Stored::new(position.cast_unsigned(), Some(at), record)))
}
