//! How a server is reached, and how much is kept in it.

use std::fmt;
use std::time::Duration;

use async_nats::ConnectOptions;
use typed_sse_core::store::{StoreError, StoreErrorKind};

use crate::connection::Server;
use crate::limits::Limits;
use crate::store::Nats;
use crate::stream::Shape;

/// Connects a [`Nats`]: see [`Nats::builder`].
#[derive(Clone)]
#[must_use = "`connect` connects"]
pub struct Builder {
    prefix: String,
    limits: Limits,
    shape: Shape,
    time_limit: Duration,
}

impl Nats {
    /// Connects to the server of this URL, with the defaults of [`builder`](Self::builder).
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
    /// use typed_sse_nats::Nats;
    ///
    /// let store = Nats::connect("nats://127.0.0.1:4222").await?;
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
    /// use typed_sse_nats::Nats;
    ///
    /// let store = Nats::builder()
    ///     .prefix("shop")
    ///     .events(10_000)
    ///     .age(Duration::from_secs(24 * 60 * 60))
    ///     .connect("nats://one:4222,nats://two:4222,nats://three:4222")
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
            prefix: "sse".to_owned(),
            limits: Limits::DEFAULT,
            shape: Shape { replicas: 1, is_in_memory: false },
            time_limit: Duration::from_secs(5),
        }
    }

    /// Sets what the names of all streams and subjects begin with, so that several applications share an account. Default: `sse`.
    ///
    /// The log `market` is then the stream `sse_market` with the subjects `sse.market.>`. Letters, digits and `-`, at most 32.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how many records of each topic are kept. Default: 100,000. At least 1; 0 counts as 1.
    ///
    /// The bounds are those of the log, for all who publish: whoever opens it last sets them. What is beyond them is gone for
    /// readers at once, and deleted in the stream about a thousand messages at a time.
    pub const fn events(mut self, events: usize) -> Self {
        self.limits.events = if events == 0 { 1 } else { events as u64 };
        self
    }

    /// Sets how many bytes of data of each topic are kept. Default: 256 MiB. The newest record is kept however long it is.
    pub const fn bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes as u64;
        self
    }

    /// Sets for how long records are kept, by the server's clock. Default: without end. The newest record of a log stays.
    pub const fn age(mut self, age: Duration) -> Self {
        self.limits = self.limits.with_age(age);
        self
    }

    /// Sets up to how many keys of each topic the newest event is kept when it is no longer retained. Default: 65,536.
    ///
    /// Past it, the key that has been quiet for longest is forgotten.
    pub const fn keys(mut self, keys: usize) -> Self {
        self.limits.keys = keys as u64;
        self
    }

    /// Sets on how many servers of a cluster a new stream lies: 1, 3 or 5. Default: 1. A stream that is there stays as it is.
    pub const fn replicas(mut self, replicas: usize) -> Self {
        self.shape.replicas = replicas;
        self
    }

    /// Keeps new streams in the memory of the server: they are gone when it ends. Default: in files.
    pub const fn in_memory(mut self) -> Self {
        self.shape.is_in_memory = true;
        self
    }

    /// Sets for how long a call waits for the server, a connection included. Default: 5 seconds.
    ///
    /// A call that is not done by then fails. Of an append, the error says whether it may have been stored.
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Connects to the server of this URL: `nats://user:password@host:port`, `nats://token@host:port`, `tls://` for TLS with the
    /// certificates that the system trusts, or several with commas between them.
    ///
    /// A connection that is lost is made anew by itself.
    ///
    /// # Errors
    ///
    /// None of them shows the user, the password or the token.
    ///
    /// - [`Unavailable`](StoreErrorKind::Unavailable): the server cannot be reached, or takes no such user.
    /// - [`Other`](StoreErrorKind::Other): the URL is none, or the prefix is illegal.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub async fn connect(self, url: impl AsRef<str>) -> Result<Nats, StoreError> {
        self.connect_with(url, ConnectOptions::new().name("typed-sse")).await
    }

    /// The same with options of your own: a file of credentials, certificates, the prefix of inboxes. Some are set here whatever they
    /// were: the time limits, the pause between tries, and the callback for events.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    ///
    /// # Panics
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_with(
        self,
        url: impl AsRef<str>,
        options: ConnectOptions,
    ) -> Result<Nats, StoreError> {
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if self.prefix.is_empty() || self.prefix.len() > 32 || !self.prefix.bytes().all(is_legal) {
            let words = "the prefix is up to 32 letters, digits and `-`";
            return Err(StoreError::new(StoreErrorKind::Other, words));
        }
        let server = Server::connect(url.as_ref(), options, self.time_limit).await?;
        Ok(Nats::new(server, self.prefix, self.limits, self.shape))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("prefix", &self.prefix)
            .field("limits", &self.limits)
            .field("shape", &self.shape)
            .field("time_limit", &self.time_limit)
            .finish()
    }
}
