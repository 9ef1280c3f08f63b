//! The store.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use typed_sse_core::store::{
    Appended, Batch, BoxFuture, Epoch, Page, Range, Sink, Store, StoreError, StoreErrorKind, StoredLog,
};

use crate::connection::{Line, Server, Statement};
use crate::error::{self, Failure};
use crate::limits::Limits;
use crate::page::{Kind, Scan, Shape};
use crate::read::{self, Found, What, signed};
use crate::record::Columns;
use crate::tail::{self, Serves, Tail};
use crate::text::escape;
use crate::wake::Waker;
use crate::writer::Writer;

/// A store in a Postgres database. Clones share their connections. [The crate](crate) says what it keeps, and how.
#[derive(Clone)]
pub struct Postgres {
    inner: Arc<Inner>,
}

struct Inner {
    reads: Arc<Line>,
    writer: Writer,
    waker: Waker,
    limits: Limits,
    poll: Duration,
    /// By name.
    logs: Mutex<HashMap<String, Arc<Tail>>>,
}

/// Nobody looks by himself more often.
const SOONEST: Duration = Duration::from_millis(10);

/// The version of the schema that this crate knows.
const VERSION: i32 = 1;

impl Postgres {
    /// Makes the schema `typed_sse`, as SQL: put it among your migrations, to be run once, in a transaction.
    ///
    /// Or have [`tokio_postgres::Client::batch_execute`] run it.
    pub const MIGRATION: &str = include_str!("migration.sql");

    /// The same for a schema of this name.
    ///
    /// # Errors
    ///
    /// [`Other`](StoreErrorKind::Other) if it is no name that [`Builder::schema`](crate::Builder::schema) takes.
    pub fn migration(schema: &str) -> Result<String, StoreError> {
        crate::schema::check(schema)?;
        let quoted = crate::schema::quoted(schema);
        // The name of a setting is none of an object, and is not quoted.
        let parts: Vec<_> =
            Self::MIGRATION.split("'typed_sse.").map(|part| part.replace("typed_sse", &quoted)).collect();
        Ok(parts.join(&format!("'{schema}.")))
    }

    pub(crate) fn new(
        server: Arc<Server>,
        listens: Option<Arc<Server>>,
        limits: Limits,
        poll: Duration,
    ) -> Self {
        // Where somebody listens, no pooler stands between.
        let has_session = listens.as_ref().is_some_and(|listens| Arc::ptr_eq(listens, &server));
        let reads = Arc::new(Line::that_reads(Arc::clone(&server), has_session));
        let waker = Waker::start(Arc::clone(&reads), listens);
        let writer =
            Writer::new(Arc::new(Line::new(server, has_session)), Arc::clone(&waker.wake), has_session);
        Self { inner: Arc::new(Inner { reads, writer, waker, limits, poll, logs: Mutex::default() }) }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.inner.reads.server
    }

    /// Something was published in a transaction of the application's, which is open.
    pub(crate) fn opened(&self, transaction: String) {
        self.inner.waker.wake.opened(transaction);
    }

    /// Whether the schema is there, of the version that this program knows.
    pub(crate) async fn check(&self) -> Result<(), StoreError> {
        let server = self.server();
        let statement = format!(
            "SELECT (SELECT max(version) FROM {}.meta), current_setting('server_encoding')",
            server.schema
        );
        let rows = self.ask(None, &Statement::new(statement)).await?;
        let unexpected = |_| error::unexpected(&server.name);
        let row = rows.first().ok_or_else(|| error::unexpected(&server.name))?;
        let version: Option<i32> = row.try_get(0).map_err(unexpected)?;
        let encoding: &str = row.try_get(1).map_err(unexpected)?;
        if version.is_some_and(|version| version > VERSION) {
            let words = format!(
                "the schema `{}` of the Postgres server {} has a newer version: update `typed-sse-postgres`",
                server.schema_name, server.name
            );
            return Err(StoreError::new(StoreErrorKind::Version, words));
        }
        if version != Some(VERSION) {
            let words = error::no_schema(&server.name, &server.schema_name);
            return Err(StoreError::new(StoreErrorKind::Version, words));
        }
        if encoding != "UTF8" {
            let words = format!(
                "the database of the Postgres server {} has the encoding {encoding}: make one with UTF8",
                server.name
            );
            return Err(StoreError::new(StoreErrorKind::Other, words));
        }
        Ok(())
    }

    /// Runs a statement that stores nothing. A connection that broke while nobody used it is found so, and the next one asked.
    async fn ask(
        &self,
        log: Option<(&StoredLog, &Arc<Tail>)>,
        statement: &Statement,
    ) -> Result<Vec<Row>, StoreError> {
        match self.ask_once(log, statement).await {
            Err(failure) if failure.is_lost => Ok(self.ask_once(log, statement).await?),
            asked => Ok(asked?),
        }
    }

    async fn ask_once(
        &self,
        log: Option<(&StoredLog, &Arc<Tail>)>,
        statement: &Statement,
    ) -> Result<Vec<Row>, Failure> {
        let line = &self.inner.reads;
        let lent = line.lend().await.map_err(Failure::sure)?;
        let asked = {
            let (line, lent, statement) = (Arc::clone(line), lent.clone(), statement.clone());
            let log = log.map(|(log, tail)| (log.clone(), Arc::clone(tail)));
            async move {
                if let Some((log, tail)) = log {
                    tail.verify(&log, &line, &lent, Serves::Reads).await?;
                }
                line.run(&lent, &statement).await
            }
        };
        line.within(&lent, lent.in_turn(asked)).await
    }

    async fn open_log(&self, name: &str) -> Result<StoredLog, StoreError> {
        let server = self.server();
        let schema = &server.schema;
        let Limits { events, bytes, age, keys } = self.inner.limits;
        // What Postgres can add to without an overflow.
        let bounded = |most: usize| signed(most as u64).min(1 << 53);
        let (events, bytes, keys) = (bounded(events), bounded(bytes), bounded(keys));
        let age = age.map(|age| age.as_secs_f64().min(1e9));
        let epoch = Epoch::random().to_string();
        let with_limits = |text: String| {
            let named = Statement::new(text).with(escape(name.into()), Type::TEXT);
            let bounded = named.with(events, Type::INT8).with(bytes, Type::INT8);
            bounded.with(age, Type::FLOAT8).with(keys, Type::INT8)
        };
        let insert = format!(
            "INSERT INTO {schema}.logs (name, most_records, most_bytes, most_age, most_keys, epoch) \
             VALUES ($1, $2, $3, make_interval(secs => $4), $5, $6) ON CONFLICT DO NOTHING"
        );
        let is_same = "(most_records, most_bytes, most_keys) = ($2, $3, $5) \
                       AND most_age IS NOT DISTINCT FROM make_interval(secs => $4)";
        let select = format!("SELECT epoch, {is_same} FROM {schema}.logs WHERE name = $1");
        let update = format!(
            "UPDATE {schema}.logs SET most_records = $2, most_bytes = $3, most_age = make_interval(secs => $4), most_keys = $5 \
             WHERE name = $1"
        );
        let select = with_limits(select);
        let mut rows = self.ask(None, &select).await?;
        if rows.is_empty() {
            self.ask(None, &with_limits(insert).with(epoch, Type::TEXT)).await?;
            rows = self.ask(None, &select).await?;
        }
        let unexpected = || error::unexpected(&server.name);
        let row = rows.first().ok_or_else(unexpected)?;
        let epoch = row.try_get::<_, &str>(0).ok().and_then(Epoch::parse);
        let epoch = epoch.ok_or_else(|| {
            let words = format!(
                "the log `{name}` has an epoch that is none: what wrote it was no `typed-sse-postgres`"
            );
            StoreError::new(StoreErrorKind::Corrupt, words)
        })?;
        if !row.try_get::<_, bool>(1).map_err(|_| unexpected())? {
            self.ask(None, &with_limits(update)).await?;
        }
        let mut logs = self.inner.logs.lock().unwrap_or_else(PoisonError::into_inner);
        if logs.get(name).is_none_or(|tail| tail.epoch != epoch) {
            logs.insert(name.to_owned(), Arc::new(Tail::new(epoch)));
        }
        Ok(StoredLog::new(name, epoch))
    }

    /// A log that was opened here.
    fn tail(&self, log: &StoredLog) -> Result<Arc<Tail>, StoreError> {
        let known = self.inner.logs.lock().unwrap_or_else(PoisonError::into_inner).get(log.name()).cloned();
        known.filter(|tail| tail.epoch == log.epoch()).ok_or_else(|| tail::unknown(log))
    }

    async fn page(&self, log: &StoredLog, what: What, range: Range<'_>) -> Result<Page, StoreError> {
        Ok(self.page_into(log, what, range, Sink::records()).await?.into_page())
    }

    async fn page_into(
        &self,
        log: &StoredLog,
        what: What,
        range: Range<'_>,
        sink: Sink,
    ) -> Result<Sink, StoreError> {
        let tail = self.tail(log)?;
        self.sweep(log, &tail).await?;
        let server = self.server();
        let (scan, topic) = match (what, range.topic) {
            (What::Newest, topic) => (Scan::Newest, Some(topic.unwrap_or_default())),
            (What::Records, Some(topic)) => (Scan::Topic, Some(topic)),
            (What::Records, None) => (Scan::Log, None),
        };
        let measured = if range.tail { Shape::Last } else { Shape::First };
        let statement = |shape| {
            Statement::page(Kind { scan, shape })
                .with(escape(log.name().into()), Type::TEXT)
                .with(topic.map(|topic| escape(topic.into())), Type::TEXT)
                .with(signed(range.after), Type::INT8)
                .with(signed(range.up_to), Type::INT8)
                .with(signed(range.records as u64), Type::INT8)
                .with(signed(range.bytes as u64), Type::INT8)
                .with(signed(read::longest(range)), Type::INT8)
        };
        let shape = if read::is_likely_to_fit(range) { Shape::Whole } else { measured };
        let mut rows = self.ask(Some((log, &tail)), &statement(shape)).await?;
        if read::is_to_measure(&server.name, &rows)? {
            rows = self.ask(Some((log, &tail)), &statement(measured)).await?;
        }
        if read::started(&server.name, &rows)?.is_some_and(|started| !tail.is_answered_by(started)) {
            rows = self.ask(Some((log, &tail)), &statement(measured)).await?;
        }
        let page = read::page(&server.name, log, (topic, range), &rows, sink)?;
        let Found { sink, newest } = page.ok_or_else(|| error::another_life(log.name()))?;
        if let (What::Records, Some((position, at))) = (what, newest) {
            tail.saw(position, at);
        }
        Ok(sink)
    }

    /// Drops what is too old, now and then.
    async fn sweep(&self, log: &StoredLog, tail: &Arc<Tail>) -> Result<(), StoreError> {
        if tail.is_to_sweep(self.inner.limits.age) {
            self.drop_old(log, tail).await?;
        }
        Ok(())
    }

    /// The same for who appends, who may never read; whether it succeeds is no matter of his.
    fn sweep_aside(&self, log: &StoredLog, tail: &Arc<Tail>) {
        if tail.is_to_sweep(self.inner.limits.age) {
            let (store, log, tail) = (self.clone(), log.clone(), Arc::clone(tail));
            tokio::spawn(async move { store.drop_old(&log, &tail).await });
        }
    }

    async fn drop_old(&self, log: &StoredLog, tail: &Arc<Tail>) -> Result<(), StoreError> {
        let statement = Statement::new(format!("SELECT {}.sweep($1)", self.server().schema));
        let statement = statement.with(escape(log.name().into()), Type::TEXT);
        self.ask(Some((log, tail)), &statement).await?;
        Ok(())
    }

    async fn find_id(&self, log: &StoredLog, topic: &str, id: &str) -> Result<Option<u64>, StoreError> {
        let (tail, schema) = (self.tail(log)?, &self.server().schema);
        let statement = format!(
            "SELECT l.epoch, coalesce( \
               (SELECT r.position FROM {schema}.records AS r WHERE r.topic = t.number \
                AND hashtextextended(r.id, 0) = hashtextextended($3, 0) AND r.id = $3 AND NOT r.kept LIMIT 1), \
               CASE WHEN t.boundary = $3 THEN t.trimmed END) \
             FROM {schema}.logs AS l LEFT JOIN {schema}.topics AS t \
             ON t.log = l.number AND hashtextextended(t.name, 0) = hashtextextended($2, 0) AND t.name = $2 \
             WHERE l.name = $1"
        );
        let statement = Statement::new(statement)
            .with(escape(log.name().into()), Type::TEXT)
            .with(escape(topic.into()), Type::TEXT)
            .with(escape(id.into()), Type::TEXT);
        let rows = self.ask(Some((log, &tail)), &statement).await?;
        let epoch = log.epoch().to_string();
        let row = rows.first().filter(|row| row.try_get::<_, &str>(0).is_ok_and(|found| found == epoch));
        let row = row.ok_or_else(|| error::another_life(log.name()))?;
        let position: Option<i64> = row.try_get(1).map_err(|_| error::unexpected(&self.server().name))?;
        Ok(position.map(i64::cast_unsigned))
    }
}

impl Store for Postgres {
    fn open<'a>(&'a self, name: &'a str) -> BoxFuture<'a, StoredLog> {
        Box::pin(self.open_log(name))
    }

    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended> {
        Box::pin(async move {
            let tail = self.tail(log)?;
            self.sweep_aside(log, &tail);
            self.inner.writer.append(log, tail, Columns::of(batch.records), batch.token).await
        })
    }

    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(self.page(log, What::Records, range))
    }

    fn read_into<'a>(&'a self, log: &'a StoredLog, range: Range<'a>, sink: Sink) -> BoxFuture<'a, Sink> {
        Box::pin(self.page_into(log, What::Records, range, sink))
    }

    fn follow<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            let mut changed = self.inner.waker.wake.subscribe();
            let page = self.page(log, What::Records, range).await?;
            if !page.records.is_empty() {
                return Ok(page);
            }
            // Whatever this has missed, the next look finds.
            let _late = timeout(self.inner.poll.max(SOONEST), changed.changed()).await;
            self.page(log, What::Records, range).await
        })
    }

    fn find<'a>(&'a self, log: &'a StoredLog, topic: &'a str, id: &'a str) -> BoxFuture<'a, Option<u64>> {
        Box::pin(self.find_id(log, topic, id))
    }

    fn newest<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(self.page(log, What::Newest, range))
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Server { name, schema_name, .. } = self.server();
        f.debug_struct("Postgres").field("server", name).field("schema", schema_name).finish_non_exhaustive()
    }
}
