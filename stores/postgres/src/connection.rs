//! The connections to the server: one for what is read, one for what is written, one that listens.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Config, Row, Socket};
use typed_sse_core::store::StoreError;

use crate::error::{self, Failure};
use crate::page::{self, Kind};
use crate::schema;
use crate::unshown::Unshown;

/// What is told when a notification comes: the process of the server that sent it.
pub(crate) type Heard = Box<dyn Fn(i32) + Send + Sync>;

pub(crate) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// A statement that is carried out although whoever asked does not wait any more.
#[derive(Clone)]
pub(crate) struct Statement {
    text: Text,
    parameters: Vec<(Arc<dyn ToSql + Send + Sync>, Type)>,
}

#[derive(Clone)]
enum Text {
    Own(Arc<str>),
    Page(Kind),
}

impl Statement {
    pub(crate) fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: Text::Own(text.into()), parameters: Vec::new() }
    }

    /// The one that reads such a page.
    pub(crate) const fn page(kind: Kind) -> Self {
        Self { text: Text::Page(kind), parameters: Vec::new() }
    }

    /// With its next parameter.
    pub(crate) fn with(mut self, value: impl ToSql + Send + Sync + 'static, kind: Type) -> Self {
        self.parameters.push((Arc::new(value), kind));
        self
    }
}

type Connecting = Pin<Box<dyn Future<Output = Result<Connection, tokio_postgres::Error>> + Send>>;

/// A server, and how it is reached.
pub(crate) struct Server {
    config: Config,
    connect: Box<dyn Fn(Config, Heard) -> Connecting + Send + Sync>,
    /// What may be told of the URL.
    pub(crate) name: String,
    /// As statements name it: quoted, since it may be a word of theirs.
    pub(crate) schema: String,
    /// As we name it.
    pub(crate) schema_name: String,
    pub(crate) time_limit: Duration,
}

/// A connection, and the task that moves its bytes. It ends when this is dropped.
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) task: JoinHandle<()>,
    /// What was prepared, where the session is kept.
    prepared: Mutex<HashMap<Often, tokio_postgres::Statement>>,
}

/// What is asked often enough to be prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Often {
    Page(Kind),
    Append,
}

impl Connection {
    fn prepared(&self) -> MutexGuard<'_, HashMap<Often, tokio_postgres::Statement>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a system takes for the time limit of a connection: 24 days.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

impl Server {
    pub(crate) fn new<T>(mut config: Config, tls: T, schema: String, time_limit: Duration) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let time_limit = time_limit.min(LONGEST);
        config.connect_timeout(time_limit).tcp_user_timeout(time_limit);
        if config.get_application_name().is_none() {
            config.application_name("typed-sse");
        }
        let name = name_of(&config);
        let connect = Box::new(move |config: Config, heard: Heard| {
            let tls = tls.clone();
            Box::pin(async move {
                let (client, mut connection) = config.connect(tls).await?;
                let task = tokio::spawn(async move {
                    // What the server notices is dropped: it may hold what the application wrote.
                    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                        if let AsyncMessage::Notification(notification) = message {
                            heard(notification.process_id());
                        }
                    }
                });
                Ok(Connection { client, task, prepared: Mutex::default() })
            }) as Connecting
        });
        let quoted = schema::quoted(&schema);
        Self { config, connect, name, schema: quoted, schema_name: schema, time_limit }
    }

    pub(crate) async fn connect(&self, heard: Heard) -> Result<Connection, StoreError> {
        match timeout(self.time_limit, (self.connect)(self.config.clone(), heard)).await {
            Ok(connected) => connected.map_err(|error| error::connecting(&self.name, &error)),
            Err(_) => Err(error::unavailable(&self.name, "cannot be reached in time")),
        }
    }

    pub(crate) fn failure(&self, error: &tokio_postgres::Error) -> Failure {
        error::calling(&self.name, &self.schema_name, error)
    }
}

/// Host, port and database, and never who.
fn name_of(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        #[cfg(not(unix))]
        Some(_) => "localhost".to_owned(),
        None => config.get_hostaddrs().first().map_or_else(|| "localhost".to_owned(), ToString::to_string),
    };
    let port = config.get_ports().first().unwrap_or(&5432);
    match config.get_dbname() {
        Some(database) => format!("{host}:{port}/{database}"),
        None => format!("{host}:{port}"),
    }
}

/// A connection that is made anew when it is lost, and which many use at once.
pub(crate) struct Line {
    pub(crate) server: Arc<Server>,
    open: Mutex<Option<Lent>>,
    /// Held by the one who connects; the others wait for that, each as long as its own time allows.
    connecting: tokio::sync::Mutex<()>,
    pub(crate) has_session: bool,
    /// What its session is told first.
    settings: Option<String>,
}

/// What begins a transaction, whatever the default of the database is: at a higher level, a statement that has waited for the log would not
/// see what it waited for. Where writes are off by default, they stay off: whoever has set that wants none.
pub(crate) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// The same of a session, each statement of which is a transaction.
const SESSION: &str = "SET default_transaction_isolation = 'read committed'";

/// A connection, for one call.
#[derive(Clone)]
pub(crate) struct Lent {
    /// Counts all connections from 1: behind each, the server may be another one.
    pub(crate) number: u64,
    connection: Arc<Connection>,
    /// Nothing else is on its way for who holds it; there is none where many may be.
    turn: Option<Arc<tokio::sync::Mutex<()>>>,
}

impl Lent {
    pub(crate) fn client(&self) -> &Client {
        &self.connection.client
    }

    /// Runs this, behind a pooler when nothing else is on its way on this connection, and to its end, whoever gives it up: `PgBouncer` (1.18
    /// was seen to) may answer one of two statements with the end of the other where they are no transaction.
    pub(crate) async fn in_turn<T: Send + 'static>(
        &self,
        call: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let Some(turn) = &self.turn else { return call.await };
        let turn = Arc::clone(turn).lock_owned().await;
        let called = tokio::spawn(async move {
            let answer = call.await;
            drop(turn);
            answer
        });
        called.await.unwrap_or_else(|_| Err(Failure::sure(error::stopped())))
    }
}

impl Line {
    /// One that reads, with a session of its own, or behind a pooler that hands them out.
    pub(crate) fn that_reads(server: Arc<Server>, has_session: bool) -> Self {
        let settings = has_session.then(|| format!("{SESSION}; {}", settings("SET")));
        Self { settings, ..Self::new(server, has_session) }
    }

    pub(crate) fn new(server: Arc<Server>, has_session: bool) -> Self {
        let (open, connecting) = Default::default();
        let settings = has_session.then(|| SESSION.to_owned());
        Self { server, open, connecting, has_session, settings }
    }

    /// The connection, which is made if there is none.
    pub(crate) async fn lend(&self) -> Result<Lent, StoreError> {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let lend = || self.state().clone().filter(|lent| !lent.client().is_closed());
        if let Some(lent) = lend() {
            return Ok(lent);
        }
        let _turn = self.connecting.lock().await;
        if let Some(lent) = lend() {
            return Ok(lent);
        }
        let connection = Arc::new(self.server.connect(Box::new(|_| {})).await?);
        if let Some(settings) = &self.settings {
            let told = timeout(self.server.time_limit, connection.client.batch_execute(settings)).await;
            let late = |_| error::unavailable(&self.server.name, "did not answer in time");
            told.map_err(late)?.map_err(|error| self.server.failure(&error).error)?;
        }
        let turn = (!self.has_session).then(Arc::default);
        let lent = Lent { number: NUMBERS.fetch_add(1, Ordering::Relaxed), connection, turn };
        *self.state() = Some(lent.clone());
        Ok(lent)
    }

    /// Nobody is lent this one any more.
    pub(crate) fn forget(&self, number: u64) {
        self.state().take_if(|lent| lent.number == number);
    }

    fn state(&self) -> MutexGuard<'_, Option<Lent>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a statement that is not prepared, so that a pooler may stand between, in a transaction of its own.
    pub(crate) async fn query(
        &self,
        lent: &Lent,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Failure> {
        if self.has_session {
            return self.send(lent, statement, parameters).await;
        }
        self.query_within(lent, BEGIN, statement, parameters).await
    }

    /// In a transaction that begins so.
    async fn query_within(
        &self,
        lent: &Lent,
        begin: &str,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let (client, failure) = (lent.client(), |error| self.failure(lent, &error));
        // They are polled in this order, and so they are sent.
        let (begun, rows, committed) = tokio::join!(
            client.batch_execute(begin),
            client.query_typed(statement, parameters),
            client.batch_execute("COMMIT")
        );
        begun.map_err(failure)?;
        let rows = rows.map_err(failure)?;
        committed.map_err(failure).map(|()| rows)
    }

    async fn send(
        &self,
        lent: &Lent,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let queried = lent.client().query_typed(statement, parameters).await;
        queried.map_err(|error| self.failure(lent, &error))
    }

    fn failure(&self, lent: &Lent, error: &tokio_postgres::Error) -> Failure {
        let failure = self.server.failure(error);
        if failure.is_lost {
            self.forget(lent.number);
        }
        failure
    }

    /// Reads a page: by a plan that is kept with the session, or in a transaction that is told what the session would be.
    async fn query_page(
        &self,
        lent: &Lent,
        kind: Kind,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let text = || page::statement(&self.server.schema, kind);
        if !self.has_session {
            let begin = format!("{BEGIN}; {}", settings("SET LOCAL"));
            return self.query_within(lent, &begin, &text(), parameters).await;
        }
        let types: Vec<_> = parameters.iter().map(|(_, kind)| kind.clone()).collect();
        self.prepare(lent, Often::Page(kind), text, &types).await?;
        self.query_often(lent, Often::Page(kind), text, parameters).await
    }

    /// Where the session is kept, so is the plan of this statement.
    pub(crate) async fn prepare(
        &self,
        lent: &Lent,
        often: Often,
        text: impl FnOnce() -> String,
        types: &[Type],
    ) -> Result<(), Failure> {
        if self.has_session && !lent.connection.prepared().contains_key(&often) {
            let prepared = lent.client().prepare_typed(&text(), types).await;
            let prepared = prepared.map_err(|error| self.failure(lent, &error))?;
            lent.connection.prepared().insert(often, prepared);
        }
        Ok(())
    }

    /// Runs a statement that is prepared, or as it is. It is sent when this is polled first.
    pub(crate) async fn query_often(
        &self,
        lent: &Lent,
        often: Often,
        text: impl FnOnce() -> String,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let prepared = lent.connection.prepared().get(&often).cloned();
        let Some(prepared) = prepared else { return self.send(lent, &text(), parameters).await };
        let values: Vec<_> = parameters.iter().map(|(value, _)| Unshown(*value)).collect();
        let values: Vec<_> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        lent.client().query(&prepared, &values).await.map_err(|error| {
            // What it asks may have been changed: then it is prepared anew.
            lent.connection.prepared().remove(&often);
            self.failure(lent, &error)
        })
    }

    /// The same of a statement that is kept.
    pub(crate) async fn run(&self, lent: &Lent, statement: &Statement) -> Result<Vec<Row>, Failure> {
        let Statement { text, parameters } = statement;
        let parameters: Vec<Parameter<'_>> =
            parameters.iter().map(|(value, kind)| (&**value as &(dyn ToSql + Sync), kind.clone())).collect();
        match text {
            Text::Own(text) => self.query(lent, text, &parameters).await,
            Text::Page(kind) => self.query_page(lent, *kind, &parameters).await,
        }
    }

    /// Gives up after the time limit, and with it the connection, whose answers stand in the way of others.
    pub(crate) async fn within<T>(
        &self,
        lent: &Lent,
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        timeout(self.server.time_limit, call).await.unwrap_or_else(|_| {
            self.forget(lent.number);
            lent.connection.task.abort();
            let error = error::unavailable(&self.server.name, "did not answer in time");
            Err(Failure { error, is_lost: false, is_refusal: false, is_of_all: true })
        })
    }
}

/// What a session is told that reads pages.
fn settings(set: &str) -> String {
    page::SETTINGS.map(|setting| format!("{set} {setting}")).join("; ")
}
