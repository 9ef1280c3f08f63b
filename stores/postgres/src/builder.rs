//! How a server is reached, and how much is kept in it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{NoTls, Socket};
use typed_sse_core::store::{StoreError, StoreErrorKind};

use crate::connection::Server;
use crate::limits::Limits;
use crate::store::Postgres;
#[cfg(feature = "tls")]
use crate::tls;
use crate::url::Url;
use crate::{error, schema, session};

/// Where a connection listens for what others publish.
#[derive(Clone)]
enum Listens {
    Nowhere,
    /// At the server that is read.
    Here,
    /// At this URL.
    At(String),
}

/// Connects a [`Postgres`]: see [`Postgres::builder`].
#[derive(Clone)]
#[must_use = "`connect` connects"]
pub struct Builder {
    schema: String,
    limits: Limits,
    time_limit: Duration,
    poll: Duration,
    listens: Listens,
}

impl Postgres {
    /// Connects to the server of this URL, with the defaults of [`builder`](Self::builder).
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
    /// use typed_sse_postgres::Postgres;
    ///
    /// let store = Postgres::connect("postgres://shop@127.0.0.1/shop").await?;
    /// # drop(store);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Builder::connect`].
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub async fn connect(url: impl AsRef<str>) -> Result<Self, StoreError> {
        Self::builder().connect(url).await
    }

    /// Says how much is kept and how long a call may take, and then connects.
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use typed_sse_postgres::Postgres;
    ///
    /// let store = Postgres::builder()
    ///     .schema("events")
    ///     .events(10_000)
    ///     .age(Duration::from_secs(24 * 60 * 60))
    ///     .connect("postgres://shop@127.0.0.1/shop")
    ///     .await?;
    /// # drop(store);
    /// # Ok(()) }
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }
}

impl Builder {
    fn new() -> Self {
        Self {
            schema: "typed_sse".to_owned(),
            limits: Limits { events: 100_000, bytes: 256 << 20, age: None, keys: 65_536 },
            time_limit: Duration::from_secs(5),
            poll: Duration::from_secs(1),
            listens: Listens::Here,
        }
    }

    /// Sets the schema in which the tables lie. Default: `typed_sse`. [`Postgres::migration`] makes one of this name.
    ///
    /// Lower-case letters, digits and `_`, at most 48, and not `pg_` at its beginning, which Postgres keeps for itself.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// Sets how many records of each topic are kept. Default: 100,000. At least 1; 0 counts as 1.
    ///
    /// The bounds are those of the log, for all who publish: whoever opens it last sets them. Trimming goes a sixteenth at a
    /// time (1,000 records at most), so up to that many more are there.
    pub const fn events(mut self, events: usize) -> Self {
        self.limits.events = if events == 0 { 1 } else { events };
        self
    }

    /// Sets how many bytes of data of each topic are kept. Default: 256 MiB. The newest record is kept however long it is.
    pub const fn bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// Sets for how long records are kept. Default: without end. The newest record of a log stays.
    pub const fn age(mut self, age: Duration) -> Self {
        self.limits.age = Some(age);
        self
    }

    /// Sets up to how many keys of each topic the newest event is kept when it is no longer retained. Default: 65,536.
    ///
    /// Past it, the key that has been quiet for longest is forgotten.
    pub const fn keys(mut self, keys: usize) -> Self {
        self.limits.keys = keys;
        self
    }

    /// Sets for how long a call waits for the server. Default: 5 seconds. More than 24 days count as 24 days.
    ///
    /// A call that is not done by then fails. Of an append, the error says whether it may have been stored. For as long, an append
    /// waits for a transaction that holds the log.
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Sets how often who waits looks by itself, whatever it is told. Default: once a second. At the most, every 10 ms.
    pub const fn poll(mut self, poll: Duration) -> Self {
        self.poll = poll;
        self
    }

    /// Sets whether a connection listens for what other processes publish. Default: yes.
    ///
    /// Without it, what others publish comes with the next [`poll`](Self::poll), and they are not told of what this process
    /// publishes. Nor is it known then that no pooler stands between: no statement is prepared, and one page is read after the other.
    pub fn listen(mut self, listens: bool) -> Self {
        self.listens = if listens { Listens::Here } else { Listens::Nowhere };
        self
    }

    /// Listens at this URL, where the other one is that of a pooler in transaction mode, such as `PgBouncer`: it keeps no `LISTEN`.
    ///
    /// It has to lead to the same database, past the pooler.
    pub fn listen_at(mut self, url: impl Into<String>) -> Self {
        self.listens = Listens::At(url.into());
        self
    }

    /// Connects to the server of this URL: `postgres://user:password@host:port/database`.
    ///
    /// With the feature `tls`, `sslmode=require` and `verify-full` connect by TLS. [The crate](crate#tls) says whom it trusts.
    ///
    /// A connection that is lost is made anew with the next call.
    ///
    /// # Errors
    ///
    /// None of them shows the user or the password.
    ///
    /// - [`Unavailable`](StoreErrorKind::Unavailable): the server cannot be reached, takes no such user, or has a certificate that is not
    ///   trusted.
    /// - [`Version`](StoreErrorKind::Version): the schema is not there, or of another version. Run [`Postgres::MIGRATION`].
    /// - [`Other`](StoreErrorKind::Other): the URL is none, or asks for TLS without the feature; the name of the schema is illegal; the
    ///   encoding of the database is not UTF8; the user may not use the schema; a pooler in transaction mode is to be listened at.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub async fn connect(self, url: impl AsRef<str>) -> Result<Postgres, StoreError> {
        let server = |url: Url| {
            if !url.asks_for_tls() {
                return Ok(self.server(url, NoTls));
            }
            #[cfg(feature = "tls")]
            return tls::connector(url.root.as_deref()).map(|tls| self.server(url, tls));
            #[cfg(not(feature = "tls"))]
            Err(other(
                "the URL asks for TLS: enable the feature `tls` of `typed-sse-postgres`, or bring a connector to `connect_with`",
            ))
        };
        self.open(url.as_ref(), server).await
    }

    /// The same, with TLS by this connector: `postgres-native-tls`, `tokio-postgres-rustls` with a configuration of yours, or your own.
    /// Whether TLS is wanted, the URL says with `sslmode`; whom it trusts, the connector knows.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    ///
    /// # Panics
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_with<T>(self, url: impl AsRef<str>, tls: T) -> Result<Postgres, StoreError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let server = |url: Url| match url.root {
            Some(_) => Err(other("the connector knows whom it trusts: leave `sslrootcert` out of the URL")),
            None => Ok(self.server(url, tls.clone())),
        };
        self.open(url.as_ref(), server).await
    }

    fn server<T>(&self, url: Url, tls: T) -> Server
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        Server::new(url.config, tls, self.schema.clone(), self.time_limit)
    }

    async fn open(
        &self,
        url: &str,
        server: impl Fn(Url) -> Result<Server, StoreError>,
    ) -> Result<Postgres, StoreError> {
        schema::check(&self.schema)?;
        let reads = Arc::new(server(Url::parse(url)?)?);
        let listens = match &self.listens {
            Listens::Nowhere => None,
            Listens::Here => Some(Arc::clone(&reads)),
            Listens::At(url) => Some(Arc::new(server(Url::parse(url)?)?)),
        };
        if let Some(listens) = &listens {
            if session::is_shared(listens).await? {
                return Err(error::pooler(&listens.name));
            }
            if !Arc::ptr_eq(listens, &reads)
                && session::database(listens).await? != session::database(&reads).await?
            {
                return Err(error::elsewhere(&listens.name, &reads.name));
            }
        }
        let store = Postgres::new(reads, listens, self.limits, self.poll);
        store.check().await?;
        Ok(store)
    }
}

fn other(words: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Other, words)
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("schema", &self.schema)
            .field("limits", &self.limits)
            .field("time_limit", &self.time_limit)
            .field("poll", &self.poll)
            // Of the URL, nothing is shown.
            .field("listens", &!matches!(self.listens, Listens::Nowhere))
            .finish()
    }
}
