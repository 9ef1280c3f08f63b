//! Records as columns, and back.

use std::borrow::Cow;
use std::error::Error;
use std::time::SystemTime;

use bytes::BytesMut;
use tokio_postgres::Row;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use typed_sse_core::store::{Record, RecordError, Sink};

use crate::text::{escape, unescape};

#[cfg(feature = "sqlx")]
type SqlxQuery<'a> = sqlx::query::Query<'a, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// Many records, column by column: the arrays that the functions of the schema take.
#[derive(Debug)]
pub(crate) struct Columns<T = String> {
    topics: Vec<T>,
    data: Vec<Option<T>>,
    events: Column<T>,
    ids: Column<T>,
    retries: Column<i64>,
    keys: Column<T>,
    flags: Column<T>,
    others: Column<T>,
}

impl<T> Default for Columns<T> {
    fn default() -> Self {
        let (events, ids, keys, flags, others) = Default::default();
        Self {
            topics: Vec::new(),
            data: Vec::new(),
            events,
            ids,
            retries: Column::default(),
            keys,
            flags,
            others,
        }
    }
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
            let text = |value| Some(escape(value));
            match name {
                "event" => event = text(value),
                "data" => data = text(value),
                "id" => id = text(value),
                // A reconnection time of more than 292 million years is cut.
                "retry" => retry = value.parse().ok().or(Some(i64::MAX)),
                "key" => key = text(value),
                "flags" => flags = text(value),
                "topic" => {}
                name => others.push([escape(name.into()), escape(value)]),
            }
        }
        self.topics.push(escape(record.topic().into()));
        self.data.push(data);
        self.events.0.push(event);
        self.ids.0.push(id);
        self.retries.0.push(retry);
        self.keys.0.push(key);
        self.flags.0.push(flags);
        let is_plain = others.is_empty();
        self.others.0.push((!is_plain).then(|| serde_json::Value::from_iter(others).to_string()));
    }

    /// All of them, one behind the other.
    pub(crate) fn joined<'a>(all: impl IntoIterator<Item = &'a Self>) -> Columns<&'a str> {
        let mut joined = Columns::default();
        for columns in all {
            joined.topics.extend(columns.topics.iter().map(|topic| &**topic));
            joined.data.extend(columns.data.iter().map(Option::as_deref));
            joined.events.extend(&columns.events);
            joined.ids.extend(&columns.ids);
            joined.retries.0.extend(&columns.retries.0);
            joined.keys.extend(&columns.keys);
            joined.flags.extend(&columns.flags);
            joined.others.extend(&columns.others);
        }
        joined
    }

    /// The topic, if these are events of one topic, of which nothing has to be looked up.
    pub(crate) fn plain_topic(&self) -> Option<&str> {
        let first = self.topics.first()?;
        let is_plain = self.ids.is_empty() && self.keys.is_empty() && self.flags.is_empty();
        (is_plain && self.topics.iter().all(|topic| topic == first)).then_some(first)
    }

    pub(crate) fn len(&self) -> usize {
        self.topics.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.data.iter().flatten().map(String::len).sum()
    }

    /// For a statement of `sqlx`, in the order in which the functions take them.
    #[cfg(feature = "sqlx")]
    pub(crate) fn bind<'a>(&'a self, statement: SqlxQuery<'a>) -> SqlxQuery<'a> {
        statement
            .bind(&self.topics)
            .bind(self.events.array())
            .bind(&self.data)
            .bind(self.ids.array())
            .bind(self.retries.array())
            .bind(self.keys.array())
            .bind(self.flags.array())
            .bind(self.others.array())
    }
}

impl<T: ToSql + Sync> Columns<T> {
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
}

/// What few records have: no array at all where none of these has it.
#[derive(Debug)]
struct Column<T>(Vec<Option<T>>);

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Column<T> {
    fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    fn array(&self) -> Option<&Vec<Option<T>>> {
        (!self.is_empty()).then_some(&self.0)
    }
}

impl<'a> Column<&'a str> {
    fn extend(&mut self, other: &'a Column<String>) {
        self.0.extend(other.0.iter().map(Option::as_deref));
    }
}

impl<T: ToSql> ToSql for Column<T> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.array().to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        Vec::<Option<T>>::accepts(kind)
    }

    to_sql_checked!();
}

/// Why a row is no record.
pub(crate) enum RowError {
    /// Its columns are not those of the schema.
    Columns,
    /// What stands in them is none.
    Record(RecordError),
    /// What stands in `others` is no list of `[name, value]`.
    Others,
}

/// The columns of some records, as they were read; none where no record has anything there.
pub(crate) struct Part<'a> {
    positions: Vec<i64>,
    ats: Vec<SystemTime>,
    events: Texts<'a>,
    data: Vec<Option<&'a str>>,
    topics: Texts<'a>,
    /// The positions of those that have any of the following.
    rare: Vec<i64>,
    ids: Texts<'a>,
    retries: Option<Vec<Option<i64>>>,
    keys: Texts<'a>,
    flags: Texts<'a>,
    others: Texts<'a>,
}

type Texts<'a> = Option<Vec<Option<&'a str>>>;

/// What a record has there, of those that have anything.
fn nth<T: Copy>(column: &Option<Vec<Option<T>>>, n: usize) -> Option<T> {
    column.as_ref().and_then(|column| *column.get(n)?)
}

impl<'a> Part<'a> {
    /// Of a row, whose columns from this one on are those of [the statement](crate::page::statement) of a page; `None` if one of the records is too long to be there.
    pub(crate) fn of(row: &'a Row, from: usize) -> Result<Option<Self>, tokio_postgres::Error> {
        let Some(data) = row.try_get(from + 3)? else { return Ok(None) };
        Ok(Some(Self {
            positions: row.try_get(from)?,
            ats: row.try_get(from + 1)?,
            events: row.try_get(from + 2)?,
            data,
            topics: row.try_get(from + 4)?,
            rare: row.try_get::<_, Option<_>>(from + 5)?.unwrap_or_default(),
            ids: row.try_get(from + 6)?,
            retries: row.try_get(from + 7)?,
            keys: row.try_get(from + 8)?,
            flags: row.try_get(from + 9)?,
            others: row.try_get(from + 10)?,
        }))
    }

    pub(crate) fn positions(&self) -> &[i64] {
        &self.positions
    }

    /// Where the last record lies, and when it was stored.
    pub(crate) fn last(&self) -> Option<(i64, SystemTime)> {
        Some((*self.positions.last()?, *self.ats.last()?))
    }

    /// Lends one of the records, whose topic may be known, to a sink.
    pub(crate) fn put(&self, n: usize, topic: Option<&str>, sink: &mut Sink) -> Result<(), RowError> {
        let (Some(position), Some(at), Some(data)) =
            (self.positions.get(n), self.ats.get(n), self.data.get(n))
        else {
            return Err(RowError::Columns);
        };
        let rare = self.rare.binary_search(position).ok();
        let rarely = |column| rare.and_then(|rare| nth(column, rare)).map(unescape);
        let retry = rare.and_then(|rare| nth(&self.retries, rare)).map(|retry| retry.to_string());
        let others: Vec<(String, String)> = match rare.and_then(|rare| nth(&self.others, rare)) {
            Some(others) => serde_json::from_str(others).map_err(|_| RowError::Others)?,
            None => Vec::new(),
        };
        let others: Vec<_> = others.iter().map(|(name, value)| (unescape(name), unescape(value))).collect();
        let texts = [
            ("event", nth(&self.events, n).map(unescape)),
            ("data", data.map(unescape)),
            ("id", rarely(&self.ids)),
            ("key", rarely(&self.keys)),
            ("flags", rarely(&self.flags)),
            ("topic", topic.map(Cow::Borrowed).or_else(|| nth(&self.topics, n).map(unescape))),
        ];
        let known = texts.iter().filter_map(|(name, text)| Some((*name, text.as_deref()?)));
        let fields = known
            .chain(retry.as_deref().map(|retry| ("retry", retry)))
            .chain(others.iter().map(|(name, value)| (&**name, &**value)));
        sink.put(position.cast_unsigned(), Some(*at), fields).map_err(RowError::Record)
    }
}
